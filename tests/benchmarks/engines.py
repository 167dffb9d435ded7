"""Wall time of the folds of a recipe one after another against side by side, and the speed-up over workers.

    python tests/benchmarks/engines.py --folds 10 --workers 1 2
    python tests/benchmarks/engines.py --recipe vae_resnet --folds 10 --workers 1 auto --device cuda

Each comparison is a command of its own, those of a round in turn, so that a busy machine slows all alike. `against one
fold`: wall time of all folds relative to a fold's where they run one after another. `processor`: seconds of all
processes together, as the system counts them: what side by side costs beside time.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

SMALL = """
name: small
data: {type: synthetic_faces, subjects: 30, images_per_expression: 1}
image: {size: 48}
model: {type: cnn, encoder: {type: conv, channels: [16, 32, 64], width: 64}, classifier: {type: linear}}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 32, stages: {joint: {epochs: 40}}}
evaluation: {bootstrap: 100}
"""
"""A job of it takes some seconds, about as long as its start."""


def compared(words: list[str], folder: Path) -> tuple[float, float, list[float]]:
    """Run a comparison; its seconds of the clock and of the processor, and those of each job."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "gcnet_core.cli", "compare", *words, "--output", str(folder), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - started
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    (recipe,) = json.loads((folder / "comparison.json").read_text())["recipes"]
    return wall, used, [trial["seconds"] for trial in recipe["trials"]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", help="default: a small one")
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--workers", nargs="+", default=["1", "2"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--set", action="append", default=[])
    asked = parser.parse_args()
    folds = ",".join(map(str, range(asked.folds)))
    options = ["--folds", folds, "--device", asked.device, "--engine", asked.engine]
    for value in (f"split.folds={asked.folds}", "threads=1", *asked.set):
        options += ["--set", value]
    walls: dict[str, list[float]] = {workers: [] for workers in asked.workers}
    used: dict[str, list[float]] = {workers: [] for workers in asked.workers}
    alone: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        small = Path(name) / "small.yaml"
        small.write_text(SMALL)
        words = [asked.recipe or str(small), *options]
        for number in range(asked.rounds):
            for workers in asked.workers:
                folder = Path(name) / f"{number}-{workers}"
                wall, seconds, jobs = compared([*words, "--workers", workers], folder)
                walls[workers].append(wall)
                used[workers].append(seconds)
                if workers == "1":
                    alone += [wall / len(jobs)]
    what = f"{asked.folds} folds of {asked.recipe or 'a small recipe'}, {asked.engine}, {asked.device}"
    print(f"{what}, {asked.rounds} rounds, load of the machine {os.getloadavg()[0]:.1f}")
    print("| workers | wall, s | speed-up | against one fold | processor, s |\n|---|--:|--:|--:|--:|")
    first = median(walls[asked.workers[0]])
    for workers in asked.workers:
        wall = median(walls[workers])
        one = f"{wall / median(alone):.1f}" if alone else ""
        print(f"| {workers} | {wall:.0f} | {first / wall:.2f} | {one} | {median(used[workers]):.0f} |")


if __name__ == "__main__":
    main()
