"""How quickly training batches are made: with the query alone, as a CNN looks at it, and with all pictures.

    PYTHONPATH=.:plugins OMP_NUM_THREADS=1 python tests/benchmarks/data_path.py

Prints images per second of processor time, the median of five epochs of 20,000 grey pictures of 48 pixels, in batches
of 64, augmented, on one thread.
"""

import time
from statistics import median

import numpy as np
import torch

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.loader import training_batches
from gcnet_core.plugin_api import Sample
from gcnet_core.recipe.schema import AugmentConfig

IMAGES, SIZE, BATCH, EPOCHS = 20_000, 48, 64, 5


def table() -> FaceTable:
    """Noise; every second picture is neutral, and the reference of the one before it."""
    samples = tuple(Sample(str(row), f"p{row // 2}", "neutral" if row % 2 else "anger") for row in range(IMAGES))
    rows = torch.arange(IMAGES)
    images = torch.randint(0, 256, (IMAGES, 1, SIZE, SIZE), dtype=torch.uint8)
    label, votes = 1 - rows % 2, torch.zeros(IMAGES, 2)
    return FaceTable(samples, ("neutral", "anger"), images, rows, rows | 1, rows | 1, label, votes)


def epoch(faces: FaceTable, number: int, wanted: tuple[str, ...]) -> float:
    """Images per second of processor time."""
    started = time.process_time()
    for group in training_batches(faces, np.arange(IMAGES), BATCH, AugmentConfig(), 0, number):
        for batch in group:
            for name in wanted:
                getattr(batch, name)
    return IMAGES / (time.process_time() - started)


def main() -> None:
    torch.set_num_threads(1)
    faces = table()
    for wanted in (("query",), ("query", "reference", "true_reference")):
        print(f"{', '.join(wanted)}: {median(epoch(faces, number, wanted) for number in range(EPOCHS)):,.0f} images/s")


if __name__ == "__main__":
    main()
