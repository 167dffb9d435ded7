"""What each step of a run costs for each image, from 1,000 images to 1,000,000: processor time and memory.

    PYTHONPATH=.:plugins OMP_NUM_THREADS=1 python tests/benchmarks/scale.py 1000 10000 100000 1000000

The pictures are one array in a file that is made for it, read by a data set part of scale_data.py, so that what is
measured is gcnet, and neither a picture decoder nor a file system: 7 expressions, 10 folds, 20 pictures of each person.
Each step runs in a process of its own. A row gives microseconds of processor time for each image that the step meets,
seconds that passed, by how many bytes for each image the memory of the process grew at most (pages of mapped files, as
of the cache, do not count), and the exponent with which the time grew from the size before: 1 is a flat cost.

`--only check,batches` measures some steps; `--folder DIR` keeps the pictures there for the next time.
"""

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from itertools import islice
from pathlib import Path

import numpy as np
import scale_data
import torch
from click.exceptions import Exit

from gcnet_core.cli import app
from gcnet_core.data.copies import without_copies
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.images import images_of, parts_of
from gcnet_core.data.load import Listing, list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.inference.predict import predict
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import Recipe, load_recipe
from gcnet_core.runs import Predictions
from gcnet_core.runs.trained_on import TrainedOn, write_trained_on
from gcnet_core.training.step_batches import StepBatches

PLUGIN = Path(scale_data.__file__)
BATCHES = 100
"""Batches that are looked at of an epoch."""
RECIPE = """
data: {type: scale, file: FILE}
image: {size: 48}
threads: 1
split: {scheme: official}
model:
  type: gcnet
  generator: {type: autoencoder, channels: 4, latent: 4}
  encoder: {type: conv, channels: [4, 4], width: 16}
  delta: {type: signed}
  classifier: {type: linear}
losses:
  classification: {type: cross_entropy}
  generative: {type: l2}
training:
  batch_size: 64
  stages:
    joint: {epochs: 1}
evaluation: {bootstrap: 1000}
"""


class Case:
    """The data of one size, and what is made of them, each when it is first asked for.

    Args:
        folder: with `pictures.npy` and `recipe.yaml`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.registry = folder, discover([str(PLUGIN)])
        self.recipe: Recipe = load_recipe(folder / "recipe.yaml", (), self.registry)

    def listing(self) -> Listing:
        return list_samples(self.recipe.data_sets, self.recipe.labels, self.recipe.image, self.registry)

    def table(self) -> FaceTable:
        return load_faces(self.listing(), self.recipe.image)

    def command(self, *words: str) -> None:
        with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
            app([*words, "--plugin", str(PLUGIN)], standalone_mode=False)

    def predictions(self) -> Predictions:
        samples, random = self.listing().samples, np.random.default_rng(0)
        labels = np.arange(len(samples)) % len(scale_data.EXPRESSIONS)
        return Predictions(
            tuple(sample.image for sample in samples), tuple(sample.subject or "" for sample in samples), labels,
            random.dirichlet(np.ones(len(scale_data.EXPRESSIONS)), len(samples)), scale_data.EXPRESSIONS,
        )  # fmt: skip


@contextmanager
def metered(images: int) -> Iterator[None]:
    """Print what the body costs."""
    before, done = _memory(), threading.Event()
    most = [before]

    def watch() -> None:
        while not done.wait(0.05):
            most[0] = max(most[0], _memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    processor, began = _processor(), time.perf_counter()
    try:
        yield
    finally:
        processor, passed = _processor() - processor, time.perf_counter() - began
        done.set()
        watcher.join()
    print(json.dumps([images, processor, passed, max(most[0], _memory()) - before, most[0]]))


def _processor() -> float:
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime for who in (0, -1))


def _memory() -> int:
    """Bytes of this process that are no pages of a file, which the system takes back when somebody needs them."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) * 1024


def list_(case: Case) -> None:
    size = len(np.load(case.folder / "pictures.npy", mmap_mode="r"))
    with metered(size):
        case.listing()


def check(case: Case) -> None:
    """Listing among it, and the page; without a detector, who has as much to do for 50,000 images as for more."""
    with metered(len(case.listing().samples)):
        words = ("--output", str(case.folder / "page.html"), "--detector", "none")
        with suppress(Exit):  # copies are an error in the data
            case.command("data", "check", str(case.folder / "recipe.yaml"), *words)


def read(case: Case) -> None:
    """Into the cache."""
    shutil.rmtree(os.environ["GCNET_CACHE"], ignore_errors=True)
    cached(case)


def cached(case: Case) -> None:
    """Out of the cache, with all columns."""
    listing = case.listing()
    with metered(len(listing.samples)):
        load_faces(listing, case.recipe.image)


def split(case: Case) -> None:
    table = case.table()
    with metered(len(table)):
        found = split_samples(table.samples, case.recipe.split, 0, 0)
        table.class_counts(table.labelled(found.train))


def copies(case: Case) -> None:
    table = case.table()
    found = split_samples(table.samples, case.recipe.split, 0, 0)
    with metered(len(table)):
        without_copies(table, found)


def record(case: Case) -> None:
    """data.json and its arrays."""
    table = case.table()
    found = split_samples(table.samples, case.recipe.split, 0, 0)
    with metered(len(table)):
        write_trained_on(case.folder / "record", TrainedOn(images_of(table), parts_of(found, len(table)), "", False))


def epoch(case: Case) -> None:
    """Order and draws of an epoch, to its first batch."""
    table = case.table()
    batches = StepBatches(case.recipe, table, np.arange(len(table)), torch.device("cpu"))
    next(batches.epoch(0))
    with metered(len(table)):
        next(batches.epoch(1))


def batches(case: Case) -> None:
    """The first of an epoch, after the very first, with what a generator looks at."""
    table = case.table()
    steps = StepBatches(case.recipe, table, np.arange(len(table)), torch.device("cpu")).epoch(0)
    next(steps)
    groups = min(BATCHES, len(table) // 64 - 1)
    with metered(64 * groups):
        for (batch,) in islice(steps, groups):
            batch.reference  # noqa: B018 (it is made when it is asked for)


def answers(case: Case) -> None:
    """Of a tiny network, to one fold."""
    table = case.table()
    model = BuildContext(case.registry, case.recipe.image, table.classes).build(case.recipe.model).eval()
    test = split_samples(table.samples, case.recipe.split, 0, 0).test
    with metered(len(test)):
        predict(model, table, test)


def metrics(case: Case) -> None:
    found = case.predictions()
    with metered(len(found)):
        classification_metrics(found, 1000, 0)


def csv(case: Case) -> None:
    """Written and read."""
    found = case.predictions()
    with metered(len(found)):
        found.write_csv(case.folder / "predictions.csv")
        Predictions.read_csv(case.folder / "predictions.csv")


def run(case: Case) -> None:
    """All of it, with two steps of training, one fold measured, and the report."""
    size = len(np.load(case.folder / "pictures.npy", mmap_mode="r"))
    with tempfile.TemporaryDirectory(dir=case.folder) as output, metered(size):
        case.command("run", str(case.folder / "recipe.yaml"), "--smoke", "--output", f"{output}/run")


STEPS = {
    step.__name__.strip("_"): step
    for step in (list_, check, read, cached, split, copies, record, epoch, batches, answers, metrics, csv, run)
}


def measured(name: str, folder: Path) -> list[float]:
    """What a step says of itself, in a process of its own."""
    words = [sys.executable, __file__, "--step", name, "--folder", str(folder)]
    surroundings = {**os.environ, "GCNET_CACHE": str(folder / "cache")}
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, env=surroundings)
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--only", default=",".join(STEPS))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--step", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        torch.set_num_threads(1)
        STEPS[asked.step](Case(asked.folder))
        return
    with tempfile.TemporaryDirectory() as temporary:
        root = asked.folder or Path(temporary)
        for size in asked.sizes:
            folder = root / str(size)
            if not (folder / "recipe.yaml").is_file():
                folder.mkdir(parents=True, exist_ok=True)
                scale_data.make_pictures(folder / "pictures.npy", size)
                (folder / "recipe.yaml").write_text(RECIPE.replace("FILE", str(folder / "pictures.npy")))
        print("| step | images | µs of an image | seconds | bytes of an image | peak, GB | exponent |")
        print("|---|---|---|---|---|---|---|")
        for name in asked.only.split(","):
            before: tuple[int, float] | None = None
            for size in asked.sizes:
                images, processor, passed, grown, peak = measured(name, root / str(size))
                told = f"{math.log(processor / before[1]) / math.log(size / before[0]):.2f}" if before else ""
                print(
                    f"| {name} | {size:,} | {1e6 * processor / images:,.1f} | {passed:.2f} | {grown / images:,.0f} "
                    f"| {peak / 1e9:.2f} | {told} |",
                    flush=True,
                )
                before = size, processor


if __name__ == "__main__":
    main()
