"""How long commands take to start, beside the Python that runs them.

    python tests/benchmarks/start.py [--rounds 9] [--run RECIPE] [--json]

Each command is a process of its own; rounds go through all of them in turn, so that a busy machine slows all alike.
Processor time is what counts there; its least is what the command needs, the median what it took here. The multiples
are of `python -c pass` in the same rounds.

`--run RECIPE` adds a run of two steps, with drawn faces and one thread, from the import of torch to the first step, and
what its report takes beside the whole: the pictures are made by the first round and read from the cache by the others.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter

GCNET = [sys.executable, "-m", "gcnet_core.cli"]
COMMANDS: dict[str, list[str]] = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import typer": [sys.executable, "-c", "import typer"],
    "import typer, pydantic": [sys.executable, "-c", "import typer; from pydantic import BaseModel"],
    "import torch": [sys.executable, "-c", "import torch"],
    "gcnet --help": [*GCNET, "--help"],
    "gcnet run --help": [*GCNET, "run", "--help"],
    "gcnet recipes check vae_resnet": [*GCNET, "recipes", "check", "vae_resnet"],
    "gcnet plugins list": [*GCNET, "plugins", "list"],
    "gcnet models list": [*GCNET, "models", "list"],
}
FIRST_STEP = """
import json, sys, time
began, processor = time.perf_counter(), time.process_time()
import torch
from torch.optim.optimizer import register_optimizer_step_post_hook
marks = {}
def mark(name):
    marks.setdefault(name, (time.perf_counter() - began, time.process_time() - processor))
mark("torch")
register_optimizer_step_post_hook(lambda *_: mark("first step"))
from gcnet_core.cli import main
from gcnet_core.experiment import run
written = run.write_report
def write_report(*arguments):
    mark("before the report")
    answer = written(*arguments)
    mark("report")
    return answer
run.write_report = write_report
sys.argv = ["gcnet", *sys.argv[1:]]
try:
    main()
finally:
    mark("end")
    print(json.dumps(marks), file=sys.stderr)
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--run", metavar="RECIPE")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COMMANDS}
    for _ in range(given.rounds):
        for name, command in COMMANDS.items():
            found[name].append(timed(command))
    answer = {name: summary(times) for name, times in found.items()}
    if given.run:
        answer |= first_steps(given.run, given.rounds)
    if given.json:
        print(json.dumps(answer, indent=2))
        return
    least = answer["python -c pass"]["processor_least"]
    print(f"{'':44} processor, s: least  median   wall, s: median   x python")
    for name, times in answer.items():
        numbers = f"{times['processor_least']:20.3f} {times['processor']:7.3f} {times['wall']:17.3f}"
        print(f"{name:44}{numbers} {times['processor_least'] / least:10.1f}")


def summary(times: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Of wall and processor seconds, the medians and the least of the processor."""
    wall, processor = zip(*times, strict=True)
    return {"wall": median(wall), "processor": median(processor), "processor_least": min(processor)}


def timed(command: Sequence[str]) -> tuple[float, float]:
    """Seconds that a command takes: on the wall, and of the processor."""
    before, began = getrusage(RUSAGE_CHILDREN), perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=one_thread())
    wall, after = perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_steps(recipe: str, rounds: int) -> dict[str, dict[str, float]]:
    """From the import of torch to the first step of a run, its report and the whole, without the first round."""
    parts: dict[str, list[tuple[float, float]]] = {"torch to first step": [], "report": [], "run of two steps": []}
    for number in range(rounds + 1):
        with tempfile.TemporaryDirectory() as folder:
            words = ["run", recipe, "--smoke", "--threads", "1", "--output", str(Path(folder, "run"))]
            call = [sys.executable, "-c", FIRST_STEP, *words]
            done = subprocess.run(call, check=True, capture_output=True, text=True, env=one_thread())
        marks = json.loads(done.stderr.splitlines()[-1])
        if number:
            parts["torch to first step"].append(between(marks, "torch", "first step"))
            parts["report"].append(between(marks, "before the report", "report"))
            parts["run of two steps"].append(tuple(marks["end"]))
    return {f"gcnet run {recipe}: {name}": summary(times) for name, times in parts.items()}


def between(marks: dict[str, list[float]], first: str, then: str) -> tuple[float, float]:
    """Wall and processor seconds from one mark to another."""
    return marks[then][0] - marks[first][0], marks[then][1] - marks[first][1]


def one_thread() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


if __name__ == "__main__":
    main()
