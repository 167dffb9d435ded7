"""Where eyes lie in the training pictures of a data set whose faces others cut out, as its `framing()` says.

    python tests/benchmarks/framing.py ../shared/data/fer2013.zip [--detector blazeface haar] [--pictures 1000]

Medians with quartiles, as shares of the picture's width and height, over pictures drawn at random of the training part
in which a detector sees both eyes. The detectors' own idea of where an eye's centre is differs: the last column is the
distance of the eyes as a ratio to that of the first detector, on the pictures in which both see them.
"""

import argparse
import random

import cv2
import numpy as np

from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.source import pictures_in
from gcnet_core.plugin_api import UserError, discover

cv2.setNumThreads(1)
FIVE_NUMBERS = (50, 25, 75)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data")
    arguments.add_argument("--detector", nargs="+", default=["blazeface", "haar"])
    arguments.add_argument("--pictures", type=int, default=1000)
    chosen = arguments.parse_args()
    registry = discover()
    found = pictures_in(chosen.data, registry)
    title, listing = found.title, found.listing
    names = [sample.image for sample in listing.samples if sample.usage in (None, "train")]
    drawn = random.Random(0).sample(names, min(chosen.pictures, len(names)))
    pictures = {name: listing.read(name) for name in drawn}
    print(f"{title}: {len(drawn)} of {len(names)} pictures\n")
    print("| detector | both eyes seen | distance | height | across | turned, degrees | to the first |")
    print("|---|---|---|---|---|---|---|")
    first: dict[str, np.ndarray] = {}
    for detector in chosen.detector:
        try:
            finder = FaceFinder(
                read_preparation([f"detector.type={detector}", "detector.rotations=[]"], registry), registry
            )
        except UserError as error:
            print(f"| `{detector}` | {error!s:.60} |")
            continue
        places = {name: place for name in drawn if (place := eyes_in(pictures[name], finder)) is not None}
        first = first or places
        table = np.array(list(places.values()))
        cells = [spread(table[:, column], digits) for column, digits in ((0, 3), (1, 3), (2, 3), (3, 1))]
        ratios = [places[name][0] / first[name][0] for name in places if name in first]
        print(f"| `{detector}` | {len(places)} | {' | '.join(cells)} | {np.median(ratios):.3f} |", flush=True)


def eyes_in(pixels: np.ndarray, finder: FaceFinder) -> np.ndarray | None:
    """Distance of the eyes, height and place of their middle as shares, and the turn; None without both eyes."""
    seen = [face for face in finder.detector.detect(pixels) if face.sees_eyes]
    if not seen:
        return None
    face = max(seen, key=lambda entry: entry.area)
    assert face.eyes is not None
    height, width = pixels.shape[:2]
    right, left = np.array(face.eyes)
    across, down = (right + left) / 2 + 0.5
    return np.array([np.linalg.norm(left - right) / width, down / height, across / width, face.turn])


def spread(values: np.ndarray, digits: int) -> str:
    """Median, and quartiles in brackets."""
    median, low, high = (f"{value:.{digits}f}" for value in np.percentile(values, FIVE_NUMBERS))
    return f"{median} ({low} to {high})"


if __name__ == "__main__":
    main()
