"""What it costs to know who was trained on: reading images with and without hashing them, and the files of many images.

python tests/benchmarks/trained_on.py fer2013.zip       CPU seconds of reading, three times each
python tests/benchmarks/trained_on.py --images 1000000  seconds and megabytes of writing, reading and finding again
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np

from gcnet_core.data.load import load_faces
from gcnet_core.data.source import find_data
from gcnet_core.evaluation.trained_on import parts_of_own, seen_in_other
from gcnet_core.plugin_api import ImageConfig, discover
from gcnet_core.runs.files import DATA, DATA_ARRAYS
from gcnet_core.runs.trained_on import Images, TrainedOn, read_trained_on, write_trained_on

PEOPLE = 10_000


def reading(source: str) -> None:
    """Read data with and without hashes."""
    registry, image = discover(), ImageConfig(size=48)
    listing = find_data(source, registry).listing(registry, image)
    for _ in range(3):
        with mock.patch("gcnet_core.data.faces.content_of", return_value=1):
            without = seconds(lambda: load_faces(listing, image))
        hashed = seconds(lambda: load_faces(listing, image))
        print(f"{len(listing.samples):,} images: {without:.2f} s without hashes, {hashed:.2f} s with (CPU)")


def many(count: int) -> None:
    """Write, read and find again so many images."""
    random = np.random.default_rng(0)
    images = Images(
        name=random.integers(1, 2**63, count, dtype=np.uint64),
        content=random.integers(1, 2**63, count, dtype=np.uint64),
        reference=np.zeros(count, dtype=np.uint64),
        label=(np.arange(count) % 7).astype(np.int16),
        person=(np.arange(count) % PEOPLE).astype(np.int32),
        votes=np.zeros(count, dtype=np.uint64),
        people=tuple(f"{number:06}" for number in range(PEOPLE)),
        classes=tuple("abcdefg"),
    )
    stored = TrainedOn(images, (images.person % 4 == 0).astype(np.uint8) * 2, "recipe", False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{count:,} images: written in {seconds(lambda: write_trained_on(folder, stored)):.1f} s (CPU)")
        size = sum((folder / file).stat().st_size for file in (DATA, DATA_ARRAYS)) / 1e6
        print(f"{size:.1f} MB, read in {seconds(lambda: read_trained_on(folder)):.1f} s")
    print(f"own data found again in {seconds(lambda: parts_of_own(stored, images)):.1f} s")
    print(f"other data held against them in {seconds(lambda: seen_in_other(stored, images)):.1f} s")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB of memory at most")


def seconds(work: Callable[[], object]) -> float:
    """CPU time of it."""
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?")
    parser.add_argument("--images", type=int, default=0)
    options = parser.parse_args()
    if options.source:
        reading(options.source)
    if options.images:
        many(options.images)
