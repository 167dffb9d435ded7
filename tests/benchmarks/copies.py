"""What it changes to train without copies of the test images: two runs of one recipe, with and without.

    gcnet run album/fer2013 --output runs/copies/kept
    gcnet run album/fer2013 --set split.copies=leave_out --output runs/copies/left_out
    python tests/benchmarks/copies.py runs/copies/kept runs/copies/left_out

Accuracy on all test images, on those that have a near-equal training image, and on the others; with bootstrap intervals
of the difference over images.
"""

import sys
from pathlib import Path

import numpy as np

from gcnet_core.data.copies import CORRELATION
from gcnet_core.data.duplicates import near_duplicates
from gcnet_core.data.load import list_samples
from gcnet_core.data.prepare import prepare
from gcnet_core.plugin_api import ImageConfig, discover
from gcnet_core.recipe import load_recipe
from gcnet_core.runs import Run

SIDE, RESAMPLES = 48, 10_000


def main() -> None:
    kept, left_out = (Run(Path(name)) for name in sys.argv[1:3])
    copies = test_images_with_a_copy(kept.folder)
    ours, theirs = right_by_image(kept), right_by_image(left_out)
    assert ours.keys() == theirs.keys()
    print("| test images | number | trained with copies | without | difference |\n|---|---|---|---|---|")
    for what, chosen in (("all", ours.keys()), ("with a copy", ours.keys() & copies), ("others", ours.keys() - copies)):
        names = sorted(chosen)
        one, other = np.array([ours[name] for name in names]), np.array([theirs[name] for name in names])
        print(
            f"| {what} | {len(names)} | {100 * one.mean():.1f} | {100 * other.mean():.1f} | {difference(one, other)} |"
        )


def test_images_with_a_copy(run: Path) -> set[str]:
    """Names of test images with a near-equal training image."""
    registry = discover()
    recipe = load_recipe(run / "recipe.yaml", (), registry, stored=True)
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    grey = ImageConfig(size=SIDE, channels=1)
    pictures = np.stack([prepare(listing.read(sample.image), grey)[0] for sample in listing.samples])
    usable = ~(pictures == pictures[:, :1, :1]).all(axis=(1, 2))
    found = set()
    for pair in near_duplicates(pictures, usable, CORRELATION):
        by_part = {listing.samples[row].usage: listing.samples[row].image for row in pair[:2]}
        if {"train", "test"} == by_part.keys():
            found.add(by_part["test"])
    return found


def right_by_image(run: Run) -> dict[str, float]:
    """Whether each test image was answered rightly."""
    predictions = run.predictions
    right = predictions.probabilities.argmax(axis=1) == predictions.labels
    return dict(zip(predictions.images, right.astype(float), strict=True))


def difference(one: np.ndarray, other: np.ndarray) -> str:
    """Of the second from the first, points."""
    random, gain = np.random.default_rng(0), 100 * (other - one)
    means = [gain[random.integers(len(gain), size=len(gain))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return f"{gain.mean():+.1f} ({low:+.1f} to {high:+.1f})"


if __name__ == "__main__":
    main()
