"""Full disks: every command that writes, on a disk that fills up sooner or later, and at each single write of a run.

    python tests/benchmarks/full_disk.py FOLDER

As root on Linux, FOLDER/disk becomes a disk of 4 MB in memory, of which ever less is free; elsewhere the writes of a
run alone are refused one after another. For each try: the exit code, whether one sentence told it, what is left over,
and, for the run, whether `--resume` then gives what an undisturbed run gives.
"""

import argparse
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import cv2
import skimage.data

from tests.core.full_disk import Disk, contents, leftovers
from tests.core.test_compare import CNN
from tests.runs import gcnet, write_recipe

FREE = (0, 2_000, 6_000, 12_000, 25_000, 60_000, 130_000, 300_000, 700_000)
"""Bytes that are free when a command begins."""
DISK = 4_000_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    folder = options.parse_args().folder
    folder.mkdir(parents=True)
    write_recipe(folder)
    (folder / "cnn.yaml").write_text(CNN)
    each_write(folder)
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", disk]).returncode:
        print("no disk can be mounted here")
        return
    try:
        for name, words in commands(folder, disk).items():
            filling_up(name, words, disk)
    finally:
        subprocess.run(["umount", disk], check=True)


def each_write(folder: Path) -> None:
    """Refuse the n-th write of a run, for every n, and go on."""
    words = ("run", folder / "cnn.yaml", "--smoke", "--output")
    assert gcnet(*words, folder / "whole").returncode == 0
    whole, counts = contents(folder / "whole"), Counter[str]()
    for number in count(1):
        run = folder / "run"
        with Disk(number)():
            answer = gcnet(*words, run)
        if answer.returncode == 0:
            break
        tell(counts, answer.returncode, answer.stderr, run)
        resume = ["--resume"] if (run / "recipe.yaml").is_file() else []
        again = gcnet(*words, run, *resume)
        counts["resumed"] += again.returncode == 0
        counts["equal"] += again.returncode == 0 and contents(run) == whole
        shutil.rmtree(run)
    print("each write of a run:", dict(counts), flush=True)


def commands(folder: Path, disk: Path) -> dict[str, Sequence[object]]:
    """What is tried, by its name; each writes onto the disk."""
    photographs, astronaut = folder / "photographs", cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    photographs.mkdir()
    film = cv2.VideoWriter(str(folder / "film.mp4"), cv2.VideoWriter.fourcc(*"mp4v"), 10, (512, 512))
    for number in range(8):
        cv2.imwrite(str(photographs / f"{number}.png"), astronaut[number:, number:])
        film.write(astronaut)
    film.release()
    whole, out = folder / "whole", disk / "out"
    return {
        "run": ("run", folder / "cnn.yaml", "--smoke", "--output", out),
        "compare": ("compare", folder / "cnn.yaml", "--smoke", "--folds", "0", "--output", out),
        "data prepare": ("data", "prepare", photographs, out),
        "data check": ("data", "check", photographs, "--output", out / "page.html"),
        "predict": ("predict", photographs, "--output", out / "rows.csv", "--overlay", out / "drawn"),
        "predict, a film": ("predict", folder / "film.mp4", "--overlay", out),
        "evaluate": ("evaluate", whole, "--output", out / "rows.csv"),
        "export, ONNX": ("export", whole, "--output", out / "model.onnx"),
        "export, torch": ("export", whole, "--format", "torch", "--output", out / "model.pt2"),
        "recipes copy": ("recipes", "copy", "vae_resnet", disk / "recipe.yaml"),
        "plugins new": ("plugins", "new", "mine", "--output", disk / "mine"),
    }


def filling_up(name: str, words: Sequence[object], disk: Path) -> None:
    """Try a command with ever more room."""
    counts = Counter[str]()
    for free in FREE:
        for path in disk.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        room = shutil.disk_usage(disk).free
        (disk / "filler").write_bytes(b"0" * max(0, room - free))
        answer = gcnet(*words, painted=True)
        if answer.returncode == 0:
            counts["done"] += 1
        else:
            tell(counts, answer.returncode, answer.stderr, disk)
    print(f"{name}:", dict(counts), flush=True)


def tell(counts: "Counter[str]", code: int, errors: str, folder: Path) -> None:
    """Count how a full disk was told."""
    lines = [line for line in errors.splitlines() if "cannot be written" in line]
    counts[f"exit {code}"] += 1
    if len(lines) == 1 and "Traceback" not in errors and "the disk is full" in lines[0]:
        counts["told in a sentence"] += 1
    else:
        print(f"NOT TOLD: {errors[-2000:]}", flush=True)
    if leftovers(folder):
        counts["left over"] += 1
        print(f"LEFT OVER: {leftovers(folder)}", flush=True)


if __name__ == "__main__":
    main()
