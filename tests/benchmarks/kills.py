"""Kills: is what a killed and resumed run leaves equal, bit for bit, to what one leaves that nobody killed?

    python tests/benchmarks/kills.py FOLDER --kills 400 [--seed 0]

Runs of the four generators, a comparison and `gcnet data prepare` are killed (SIGKILL) before and after every call that
makes, syncs, renames or removes a file, and at random times; each goes on and is killed again, then comes to its end.
Compared are all files but figures and pages (those need only be there), without the keys that hold times.

Prints, and writes to FOLDER/kills.md, how many kills met which phase, and how many runs differ. Linux alone: processes
are forked after everything is imported, so that a kill costs a second and not a start; figures are built, not painted.
"""

import argparse
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import matplotlib.pyplot  # noqa: F401 (before the first fork)
import skimage.data
import torch

from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from tests.benchmarks.killing import adopt_orphans, forked, wait_for_orphans
from tests.core.full_disk import contents, leftovers
from tests.runs import SMALL

GENERATORS = {
    "autoencoder": "{type: autoencoder, channels: 4, latent: 8}",
    "vae": "{type: vae, channels: 4, latent: 8}",
    "gan": "{type: gan}",
    "diffusion": "{type: diffusion, channels: 8, depth: 1, attention: false, steps: 2}",
}
CNN = """
extends: vae.yaml
name: cnn
model: {type: cnn, encoder: {type: conv, channels: [8, 8], width: 16}, classifier: {type: linear}}
losses: {generative: null, contrastive: null, reconstruction: null}
training: {stages: {generator: null, encoder: null}}
"""
PICTURES = 10
KILLS_A_RUN = 7
KILLED = "killed by SIGKILL"
"""What a comparison says of a job."""


@dataclass
class Subject:
    """Something that is killed.

    Args:
        name: for the table.
        words: its command; the last word is the option or nothing before its folder.
        resume: what is added to go on.
    """

    name: str
    words: tuple[object, ...]
    resume: tuple[str, ...] = ()
    points: int = 0
    seconds: float = 0.0
    whole: dict[str, object] = field(default_factory=dict)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--kills", type=int, default=400)
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)  # its threads would not survive a fork
    adopt_orphans()
    chosen.folder.mkdir(parents=True)
    subjects = list(made(chosen.folder))
    for subject in subjects:
        undisturbed(subject, chosen.folder)
    counts: Counter[tuple[str, str]] = Counter()
    source = random.Random(chosen.seed)
    number = 0
    while sum(count for (_, what), count in counts.items() if what in PHASES) < chosen.kills:
        subject = subjects[number % len(subjects)]
        killed_and_compared(subject, chosen.folder / f"{number:04}", number // len(subjects), source, counts)
        number += 1
        table = as_table(subjects, counts)
        (chosen.folder / "kills.md").write_text(table)
    print(table)


def made(folder: Path) -> Iterator[Subject]:
    """What is killed, with the files that it needs."""
    for name, generator in GENERATORS.items():
        recipe = folder / f"{name}.yaml"
        small = SMALL.replace("subjects: 8", "subjects: 4").replace("folds: 4", "folds: 2")
        small = small.replace("epochs: 2, ", "epochs: 1, ").replace("tsne: false", "tsne: false, grid: 1")
        recipe.write_text(small.replace("{type: vae, channels: 4, latent: 8}", generator))
        load_recipe(recipe, registry=discover())
        yield Subject(name, ("run", recipe, "--output"), ("--resume",))
    (folder / "cnn.yaml").write_text(CNN)
    yield Subject("compare", ("compare", folder / "cnn.yaml", folder / "autoencoder.yaml", "--folds", "0", "--output"))
    photographs = folder / "photographs"
    photographs.mkdir()
    astronaut = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)[:300, 100:400]
    for number in range(PICTURES):
        cv2.imwrite(
            str(photographs / f"{number}.png"), astronaut[number:, number:] if number % 3 else astronaut[:60, :60]
        )
    yield Subject("data prepare", ("data", "prepare", photographs))


PHASES = ("beginning", "training", "checkpoint", "evaluation", "report", "done")


def phase(folder: Path) -> str:
    """How far a killed process came."""
    jobs = [path.parent for path in sorted(folder.rglob("recipe.yaml"))]
    place = jobs[-1] if jobs else folder
    if (folder / "report.html").is_file() or (folder / "contact-sheet.html").is_file():
        return "done"
    if any(path.parent.name == "checkpoint" for path in leftovers(folder)):
        return "checkpoint"
    if (place / "summary.json").is_file() or (place / "manifest.csv").is_file():
        return "report"
    if (place / "model.safetensors").is_file():
        return "evaluation"
    return "training" if (place / "metrics.jsonl").is_file() or (place / "images").is_dir() else "beginning"


def undisturbed(subject: Subject, folder: Path) -> None:
    """Find out what there is to be killed, and what must come out."""
    started, place = time.monotonic(), folder / f"whole-{subject.name.replace(' ', '-')}"
    code, subject.points = forked((*subject.words, place), place.with_suffix(".txt"))
    assert code == 0, place.with_suffix(".txt").read_text()
    subject.seconds, subject.whole = time.monotonic() - started, contents(place)


def killed_and_compared(
    subject: Subject, folder: Path, turn: int, source: random.Random, counts: "Counter[tuple[str, str]]"
) -> None:
    """Kill a run a few times, let it come to its end, and hold it against one that was not killed."""
    folder.mkdir()
    place, log = folder / "out", folder / "log.txt"
    words = (*subject.words, place)
    for kill in range(KILLS_A_RUN):
        before = said(log).count(KILLED)
        first = 1 + (turn * 7) % subject.points  # every point in the end: 7 divides few numbers
        if kill == 0:
            code, _ = forked(again(subject, words, place), log, at=first)
        elif kill % 2:
            code, _ = forked(again(subject, words, place), log, at=source.randrange(1, subject.points))
        else:
            code, _ = forked(again(subject, words, place), log, after=source.uniform(0, subject.seconds))
        if wait_for_orphans():
            counts[subject.name, "orphans"] += 1
        if code == -9 or (code and said(log).count(KILLED) > before):  # itself, or its jobs
            counts[subject.name, phase(place)] += 1
        elif code:
            counts[subject.name, "failures"] += 1
        else:
            break  # it came to its end before it could be killed
    code, _ = forked(again(subject, words, place), log)
    counts[subject.name, "runs"] += 1
    found = contents(place)
    if code:
        counts[subject.name, "failures"] += 1
    elif found != subject.whole:
        counts[subject.name, "unequal"] += 1
        differing = sorted(
            name for name in {*found, *subject.whole} if found.get(name, 0) != subject.whole.get(name, 0)
        )
        (folder / "unequal.txt").write_text("\n".join(differing))
    elif leftovers(place):
        counts[subject.name, "left over"] += 1
    else:
        shutil.rmtree(folder)


def said(log: Path) -> str:
    """All that a run, and those before it in its folder, said."""
    return log.read_text(errors="replace") if log.is_file() else ""


def again(subject: Subject, words: tuple[object, ...], place: Path) -> tuple[object, ...]:
    """The command that goes on, or begins where nothing was begun."""
    return (*words, *subject.resume) if (place / "recipe.yaml").is_file() else words


def as_table(subjects: list[Subject], counts: "Counter[tuple[str, str]]") -> str:
    """A line for each of those that are killed, and their sum."""
    columns = (*PHASES, "runs", "unequal", "failures", "left over", "orphans")
    lines = [f"| killed | points | kills | {' | '.join(columns)} |", "|---" * (len(columns) + 3) + "|"]
    points = {subject.name: subject.points for subject in subjects}
    for name in (*points, "all"):
        of_name = Counter[str]()
        for (who, what), count in counts.items():
            of_name[what] += count if name in (who, "all") else 0
        kills = sum(of_name[what] for what in PHASES)
        figures = " | ".join(str(of_name[what]) for what in columns)
        lines.append(f"| {name} | {points.get(name, sum(points.values()))} | {kills} | {figures} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
