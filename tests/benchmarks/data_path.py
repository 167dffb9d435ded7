"""How quickly training batches are made, and how quickly torchvision makes them, with the same changes.

    PYTHONPATH=.:plugins OMP_NUM_THREADS=1 python tests/benchmarks/data_path.py ../shared/data/fer2013.zip

FER2013's 28,709 training pictures of 48 pixels, grey, in batches of 64, flipped, turned, moved, zoomed, brightened:

- gcnet from its cache: the query alone, as a CNN looks at it, and with both references, on one thread;
- torchvision: `ImageFolder` on the same pictures as PNG files, its `v2` with the same changes, `DataLoader` with two
  worker processes.

Each round takes one epoch of gcnet, then some batches of torchvision, on the same cores; printed are medians of images
per second by the clock and of processor time, workers counted in, and the median of the ratios.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder
from torchvision.transforms import InterpolationMode, v2

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.loader import training_batches
from gcnet_core.plugin_api import ImageConfig, discover
from gcnet_core.recipe.schema import AugmentConfig

BATCH, WORKERS, SIZE = 64, 2, 48
CHANGES = AugmentConfig()
KINDS = {"query": ("query",), "all three": ("query", "reference", "true_reference")}


def faces(data: Path) -> FaceTable:
    """The training part; the reference of each picture is the next one, so that there is one."""
    registry = discover()
    listing = list_samples(
        [registry.part("dataset", "fer2013", {"folder": str(data)})], {}, ImageConfig(size=SIZE, channels=1), registry
    )
    table = load_faces(listing, ImageConfig(size=SIZE, channels=1))
    rows = torch.arange(len(table)).roll(1)
    return FaceTable(
        table.samples, table.classes, table.images, table.query, table.query[rows], table.query[rows], table.label,
        table.votes,
    )  # fmt: skip


def ours(table: FaceTable, train: np.ndarray, wanted: tuple[str, ...], epoch: int) -> Iterator[int]:
    """Sizes of the batches of an epoch."""
    for (batch,) in training_batches(table, train, BATCH, CHANGES, 0, epoch):
        for name in wanted:
            getattr(batch, name)
        yield len(batch)


def unpack(table: FaceTable, train: np.ndarray, folder: Path) -> None:
    """A PNG file for each picture, in a folder for each class."""
    for row in train:
        sample = table.samples[row]
        place = folder / sample.expression
        place.mkdir(exist_ok=True)
        cv2.imwrite(str(place / f"{row}.png"), table.images[table.query[row]][0].numpy())


def torchvision_loader(folder: Path) -> DataLoader:  # type: ignore[type-arg]
    """Two workers that decode and change as gcnet does."""
    changes = v2.Compose(
        [
            v2.Grayscale(),
            v2.PILToTensor(),
            v2.RandomHorizontalFlip(CHANGES.flip),
            v2.RandomAffine(
                CHANGES.rotation,
                (CHANGES.shift, CHANGES.shift),
                (1 - CHANGES.scale, 1 + CHANGES.scale),
                interpolation=InterpolationMode.BILINEAR,
            ),
            v2.ToDtype(torch.float32, scale=True),
            v2.ColorJitter(brightness=CHANGES.brightness, contrast=CHANGES.contrast),
        ]
    )
    return DataLoader(
        ImageFolder(str(folder), changes), BATCH, shuffle=True, num_workers=WORKERS, persistent_workers=True,
        worker_init_fn=lambda _: torch.set_num_threads(1),
    )  # fmt: skip


def processor_time(workers: list[int]) -> float:
    """Seconds of this process and of its workers, which still live."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    own = usage.ru_utime + usage.ru_stime
    ticks = 0
    for worker in workers:
        fields = Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return own + ticks / os.sysconf("SC_CLK_TCK")


def speed(sizes: Iterator[int], workers: Callable[[], list[int]] = list) -> tuple[float, float]:
    """Images per second by the clock, and of processor time; the first batch, which starts everything, is left out."""
    next(sizes)
    clock, processor = time.perf_counter(), processor_time(workers())
    count = sum(sizes)
    return count / (time.perf_counter() - clock), count / (processor_time(workers()) - processor)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=100, help="of torchvision in a round")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    table = faces(arguments.data)
    train = np.flatnonzero([sample.usage == "train" for sample in table.samples])
    with tempfile.TemporaryDirectory() as folder:
        unpack(table, train, Path(folder))
        loader = torchvision_loader(Path(folder))
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in (*KINDS, "torchvision")}
        for number in range(arguments.rounds):
            for name, wanted in KINDS.items():
                found[name].append(speed(ours(table, train, wanted, number)))
            batches = iter(loader)
            ids = [worker.pid for worker in batches._workers]  # type: ignore[attr-defined]
            sizes = (len(images) for images, _ in islice(batches, arguments.batches))
            found["torchvision"].append(speed(sizes, lambda ids=ids: ids))
    for name, speeds in found.items():
        clock, processor = (median(column) for column in zip(*speeds, strict=True))
        ratios = [
            [one / other for one, other in zip(pair, base, strict=True)]
            for pair, base in zip(speeds, found["torchvision"], strict=True)
        ]
        by_clock, by_processor = (median(column) for column in zip(*ratios, strict=True))
        print(
            f"{name:12} {clock:8,.0f} images/s by the clock ({by_clock:.1f} x), "
            f"{processor:8,.0f} of processor time ({by_processor:.1f} x)"
        )


if __name__ == "__main__":
    main()
