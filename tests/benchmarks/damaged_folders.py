"""Damages every file of a run, of a model that is shared, of a comparison, of a checkpoint; calls what reads it.

    python -m tests.benchmarks.damaged_folders [--flips 400] [--quick]

Two tables. By file and command: how many damages were tried, told (an exit code of 2 or 1 and the name of the file),
noted (done, and the file is named), or taken for good; never may one end in a traceback, or hang. Then single flipped
bits at random places of models and checkpoints: how many were told, and how many changed nothing that is read.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from unittest import mock

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # also when it is called by its path

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from gcnet_core.inference.sharing.seal import write_seal  # noqa: E402
from tests.in_process import jobs_in_process  # noqa: E402
from tests.inference.made_graph import write_graph  # noqa: E402
from tests.runs import SMALL, gcnet, write_recipe  # noqa: E402

LIMIT = 120
"""Seconds after which a call hangs."""
Damage = Callable[[Path], None]
RUN_FILES = ("summary.json", "recipe.yaml", "metrics.jsonl", "predictions.csv", "analysis.safetensors")
DATA_FILES = ("data.json", "data.safetensors")
MODEL_FILES = ("model.json", "model.safetensors")


def damages(path: Path, others: Sequence[Path], random: Random, flips: int = 3) -> Iterator[tuple[str, Damage]]:
    """Ways to damage a file, by name.

    Args:
        path: of the whole file.
        others: files whose content takes its place.
        random: where bits flip.
        flips: how many flipped bits, each alone.
    """
    whole = path.read_bytes()
    contents = {
        "empty": b"",
        "one byte": whole[:1],
        "random bytes": random.randbytes(len(whole) or 100),
        "zeros": bytes(len(whole)),
        "twice": whole + whole,
        "no text": b"\xff\xfe\x00" + whole,
        "nested": b"[" * 200_000,
        "nested maps": b'{"a":' * 200_000,
        "a number": b"9" * 10_000,
        "null": b"null\n",
        "list": b"[1, 2]\n",
        "header of exabytes": (2**62).to_bytes(8, "little") + whole[8:],
        "pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
    }
    contents |= {f"cut at {share:.0%}": whole[: int(share * len(whole))] for share in (0.1, 0.5, 0.9)}
    contents["last byte gone"] = whole[:-1]
    contents |= {f"content of {other.name}": other.read_bytes() for other in others}
    for number in range(flips):
        contents[f"flipped bit {number}"] = flipped(whole, random)
    if path.suffix in (".json", ".jsonl", ".csv", ".yaml"):
        text = whole.decode()
        contents |= {
            "huge number": _one_number(text, "1" + "0" * 400, random),
            "huge float": _one_number(text, "1e999", random),
            "negative": _one_number(text, "-7", random),
            "not a number": _one_number(text, "NaN", random),
            "format 99": text.replace('"format": 1', '"format": 99').encode(),
            "key gone": re.sub(r'\n  "(classes|seed|image)"', r'\n  "gone"', text, count=1).encode(),
        }
    for name, content in contents.items():
        if content != whole:
            yield name, lambda file, content=content: _replace(file, content)  # type: ignore[misc]
    yield "a folder", lambda file: (file.unlink(), file.mkdir())  # type: ignore[func-returns-value]
    yield "a pipe", lambda file: (file.unlink(), os.mkfifo(file))  # type: ignore[func-returns-value]
    yield "a link in a loop", lambda file: (file.unlink(), file.symlink_to(file.name))  # type: ignore[func-returns-value]
    yield "a link that leads nowhere", lambda file: (file.unlink(), file.symlink_to("nowhere"))  # type: ignore[func-returns-value]
    if os.geteuid():
        yield "no permission", lambda file: file.chmod(0)
    yield "gone", lambda file: file.unlink()


def flipped(whole: bytes, random: Random) -> bytes:
    """The same bytes with one other bit."""
    place = random.randrange(8 * len(whole))
    changed = bytearray(whole)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def unsigned(folder: Path) -> None:
    """Take the checksums out, as if an older gcnet had written the folder."""
    for path in folder.rglob("*.json"):
        values = json.loads(path.read_text())
        for key in ("sha256", "weights_sha256", "arrays_sha256", "files"):
            values.pop(key, None)
        path.write_text(json.dumps(values, indent=2))


def outcome(path: Path, *words: object) -> str:
    """What becomes of a command: told, noted, taken (as if nothing were wrong), or a fault of gcnet."""
    try:
        with _limit(LIMIT), jobs_in_process():
            answer = gcnet(*words)  # not in the folder of the file: that of a checkpoint goes in the end
    except TimeoutError:
        return "HANG"
    except BaseException as error:  # what a user would see as a traceback
        return f"TRACEBACK {type(error).__name__}: {str(error)[:100]}"
    if "Traceback" in answer.stderr:
        return "TRACEBACK"
    named = path.name in answer.stderr
    if answer.returncode == 0:
        return "noted" if named else "taken"
    if answer.returncode not in (1, 2):
        return f"EXIT {answer.returncode}"
    return "told" if named else f"UNNAMED {answer.stderr.strip()[-150:]}"


def make(folder: Path) -> dict[str, Path]:
    """Everything that is damaged: a run with a model, the folder to share it, a comparison, a run that was killed."""
    recipe = write_recipe(folder, SMALL.replace("subjects: 8", "subjects: 5"))
    _done("run", recipe, "--smoke", "--output", folder / "run")
    _done("push", folder / "run", "--output", folder / "shared", "--licence", "mit", "--name", "shared")
    varied = ("--vary", "losses.contrastive.weight=0.1,0.2", "--folds", "0,1", "--smoke")
    with jobs_in_process():
        _done("compare", recipe, *varied, "--output", folder / "comparison")
    with (
        mock.patch("gcnet_core.experiment.fold.write_model", side_effect=KeyboardInterrupt),
        contextlib.suppress(KeyboardInterrupt),
    ):
        gcnet("run", recipe, "--smoke", "--output", folder / "killed")
    picture = folder / "face.png"
    cv2.imwrite(str(picture), np.random.default_rng(0).integers(0, 255, (48, 48), np.uint8))
    return {"recipe": recipe, "picture": picture}


def cases(folder: Path, things: dict[str, Path]) -> Iterator[tuple[Path, str, tuple[object, ...]]]:
    """A file, the name of a command that reads it, and the words of that command."""
    run, shared, comparison = folder / "run", folder / "shared", folder / "comparison"
    predict = ("--faces", "prepared", "--format", "csv")
    for name in RUN_FILES:
        yield run / name, "report", ("report", run)
    for name in (*MODEL_FILES, *DATA_FILES, "recipe.yaml", "summary.json"):
        yield run / name, "evaluate", ("evaluate", run)
    for name in MODEL_FILES:
        yield run / name, "predict", ("predict", run, things["picture"], *predict)
        yield shared / name, "predict", ("predict", shared, things["picture"], *predict)
        yield shared / name, "push", ("push", shared, "--output", folder / "copy")
    for name in (*MODEL_FILES, "summary.json", "recipe.yaml"):
        yield run / name, "push", ("push", run, "--output", folder / "pushed", "--licence", "mit")
    for name in MODEL_FILES:
        init = ("--set", f"training.init_from.encoder={run}", "--output", folder / "begun", "--smoke")
        yield run / name, "init_from", ("run", things["recipe"], *init)
    resume = ("run", things["recipe"], "--smoke", "--resume", "--output", folder / "killed")
    for name in ("checkpoint/state.pt", "metrics.jsonl", "recipe.yaml", *DATA_FILES):
        yield folder / "killed" / name, "resume", resume
    yield run / "summary.json", "resume", ("run", things["recipe"], "--smoke", "--resume", "--output", run)
    for name in ("comparison.json", "pictures.safetensors"):
        yield comparison / name, "report of a comparison", ("report", comparison)
    job = next(path.parent for path in sorted(comparison.rglob("seed-0/fold-0/summary.json")))
    varied = ("--vary", "losses.contrastive.weight=0.1,0.2", "--folds", "0,1", "--smoke")
    for name in ("summary.json", "predictions.csv", "analysis.safetensors"):
        yield job / name, "compare", ("compare", things["recipe"], *varied, "--output", comparison)


def try_files(folder: Path, things: dict[str, Path], flips: int, only: str = "", quick: bool = False) -> Counter[str]:
    """Every damage of every file, each with the commands that read it, printed as a table."""
    totals: Counter[str] = Counter()
    print(
        "| file | command | tries | told | noted | taken for good | faults |\n|---|---|---|---|---|---|---|", flush=True
    )
    for path, command, words in cases(folder, things):
        if only and only not in f"{path.relative_to(folder)} {command}":
            continue
        random, kept = Random(f"{path.name} {command}"), folder.with_name(f"{folder.name}.kept")
        others = [path.with_name(name) for name in (*RUN_FILES, *MODEL_FILES) if path.with_name(name).is_file()]
        tried = list(damages(path, [other for other in others if other != path], random, flips))
        found: dict[str, list[str]] = defaultdict(list)
        shutil.copytree(folder, kept)
        for name, damage in tried[:: 6 if quick else 1]:
            damage(path)
            found[outcome(path, *words)].append(name)
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
        shutil.rmtree(kept)
        counts = Counter({kind: len(names) for kind, names in found.items()})
        faults = {kind: names for kind, names in found.items() if kind not in ("told", "noted", "taken")}
        totals += Counter({"faults" if kind in faults else kind: count for kind, count in counts.items()})
        told = "; ".join(f"{kind}: {', '.join(names)}" for kind, names in faults.items()) or "0"
        taken = f"{counts['taken']}{' (' + ', '.join(found['taken']) + ')' if found['taken'] else ''}"
        _row(path.relative_to(folder), command, sum(counts.values()), counts["told"], counts["noted"], taken, told)
    print(f"\n{sum(totals.values())} tries: " + ", ".join(f"{totals[kind]} {kind}" for kind in sorted(totals)))
    return totals


def try_bits(folder: Path, flips: int) -> None:
    """Single flipped bits, read by the functions that all commands call."""
    from gcnet_core.inference.onnx_answerer import open_onnx
    from gcnet_core.plugin_api import UserError, discover
    from gcnet_core.runs import ComparisonFolder, Run
    from gcnet_core.runs.trained_on import read_data_record, read_trained_on
    from gcnet_core.storage import load_model
    from gcnet_core.training.checkpoint import load_checkpoint

    registry = discover()
    readers: list[tuple[str, Callable[[Path], object]]] = [
        ("killed/checkpoint/state.pt", lambda path: load_checkpoint(path.parents[1])),
        ("run/model.safetensors", lambda path: load_model(path.parent, registry)),
        ("run/model.json", lambda path: load_model(path.parent, registry).description),
        ("shared/model.safetensors", lambda path: load_model(path.parent, registry)),
        ("made.onnx", lambda path: open_onnx(path, 1)),
        ("run/summary.json", lambda path: Run(path.parent).summary),
        ("run/predictions.csv", lambda path: Run(path.parent).predictions),
        ("run/analysis.safetensors", lambda path: Run(path.parent).arrays),
        ("run/metrics.jsonl", lambda path: Run(path.parent).epochs),
        ("run/data.json", lambda path: read_data_record(path.parent)),
        ("run/data.safetensors", lambda path: read_trained_on(path.parent)),
        ("comparison/comparison.json", lambda path: ComparisonFolder(path.parent).figures),
        ("comparison/pictures.safetensors", lambda path: ComparisonFolder(path.parent).pictures),
    ]
    _row("file", "flipped bits", "told", "read as it was", "taken for good", "faults", head=True)
    for name, read in readers:
        path, random, found = folder / name, Random(name), Counter[str]()
        whole, before = path.read_bytes(), read(path)
        for _ in range(flips):
            path.write_bytes(flipped(whole, random))
            try:
                after = read(path)
                found["same" if path.suffix == ".json" and after == before else "taken"] += 1
            except UserError:
                found["told"] += 1
            except Exception as error:
                found["faults"] += 1
                print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        path.write_bytes(whole)
        _row(name, flips, found["told"], found["same"], found["taken"], found["faults"])


def _row(*cells: object, head: bool = False) -> None:
    print("| " + " | ".join(map(str, cells)) + " |" + ("\n|" + "---|" * len(cells) if head else ""), flush=True)


def _one_number(text: str, other: str, random: Random) -> bytes:
    """The text with another number at one of the places where there is one."""
    places = list(re.finditer(r"(?<![\w.\"-])-?\d+(\.\d+)?(e-?\d+)?(?![\w.\"])", text))
    if not places:
        return text.encode()
    chosen = random.choice(places)
    return (text[: chosen.start()] + other + text[chosen.end() :]).encode()


def _replace(file: Path, content: bytes) -> None:
    file.write_bytes(content)


def _done(*words: object) -> None:
    answer = gcnet(*words)
    assert answer.returncode == 0, answer.stderr


@contextlib.contextmanager
def _limit(seconds: int) -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=400, help="flipped bits of each file of the second table")
    parser.add_argument("--only", default="", help="a part of the name of a file, or of a command")
    parser.add_argument("--old", action="store_true", help="folders without checksums, as older versions wrote them")
    parser.add_argument("--quick", action="store_true", help="every sixth damage alone")
    chosen, started = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "folders"
        folder.mkdir()
        things = make(folder)
        if not chosen.old and not chosen.only:
            write_seal(write_graph(folder / "made.onnx", sealed=True))  # as `gcnet export` ends; exporting takes long
            try_bits(folder, chosen.flips)
        if chosen.old:
            unsigned(folder)
        try_files(folder, things, 3, chosen.only, chosen.quick)
    print(f"{time.monotonic() - started:.0f} seconds")


if __name__ == "__main__":
    main()
