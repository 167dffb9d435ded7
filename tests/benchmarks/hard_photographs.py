"""What detectors make of upright photographs that are hard to see: dark, flat, small, badly compressed, mirrored.

    python tests/benchmarks/hard_photographs.py FOLDER [--detector blazeface haar mediapipe] [--size 700]

Darkened photographs are a stand-in for dark skin, of which a dozen photographs hold little; they are no substitute for
people. For each detector and change, Markdown counts the pictures whose face is right: one frontal face with both eyes,
not turned by more than 20 degrees, its eyes within a quarter of their distance of those in the picture as it is; then
those turned, taken for profiles, by box, without a face, or with eyes or faces elsewhere.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import discover

cv2.setNumThreads(1)
TURNED = 20.0
KINDS = ("right", "turned", "profile", "by box", "none", "elsewhere")


def gamma(exponent: float) -> Callable[[np.ndarray], np.ndarray]:
    """Darker shadows for exponents above 1."""
    return lambda pixels: linear(255 * (pixels / 255) ** exponent)


def linear(values: np.ndarray) -> np.ndarray:
    """Whole numbers 0 to 255."""
    return np.asarray(np.clip(values, 0, 255).round().astype(np.uint8))


def scaled(pixels: np.ndarray, longer: int) -> np.ndarray:
    """A copy whose longer side has so many pixels, if it has more."""
    scale = min(longer / max(pixels.shape[:2]), 1.0)
    size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def compressed(pixels: np.ndarray, quality: int) -> np.ndarray:
    """After JPEG."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 1))


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as it is": lambda pixels: pixels,
    "gamma 2": gamma(2),
    "gamma 3": gamma(3),
    "35 % of the light": lambda pixels: linear(0.35 * pixels),
    "15 % of the light": lambda pixels: linear(0.15 * pixels),
    "a quarter of the contrast": lambda pixels: linear(0.25 * pixels + 20),
    "200 pixels": lambda pixels: scaled(pixels, 200),
    "JPEG quality 10": lambda pixels: compressed(pixels, 10),
    "gamma 3, 200 pixels, quality 30": lambda pixels: compressed(scaled(gamma(3)(pixels), 200), 30),
    "mirrored": lambda pixels: np.ascontiguousarray(pixels[:, ::-1]),
}


def main() -> None:
    """Print a table for each detector."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--detector", nargs="+", default=["blazeface", "haar"])
    arguments.add_argument("--size", type=int, default=700, help="longer side to which photographs are shrunk, pixels")
    chosen = arguments.parse_args()
    listing = list_photographs(chosen.folder)
    pictures = [scaled(listing.read(sample.image), chosen.size) for sample in listing.samples]
    for detector in chosen.detector:
        finder = FaceFinder(read_preparation([f"detector.type={detector}"], discover()), discover())
        truth = [finder.faces(pixels) for pixels in pictures]
        print(f"\n`{detector}`, {finder.version}\n\n| photograph | {' | '.join(KINDS)} |\n|---{'|---' * len(KINDS)}|")
        for name, change in CHANGES.items():
            kinds: Counter[str] = Counter()
            for pixels, known in zip(pictures, truth, strict=True):
                changed = change(pixels)
                expected = eyes_in(changed, pixels, known, name == "mirrored")
                kinds[kind(finder.faces(changed), expected)] += 1
            print(f"| {name} | {' | '.join(str(kinds[entry] or '') for entry in KINDS)} |", flush=True)


def eyes_in(changed: np.ndarray, pixels: np.ndarray, known: list[Face], mirrored: bool) -> np.ndarray | None:
    """Where the eyes that were found in the picture as it is lie in the changed one; None if they were not found."""
    if len(known) != 1 or known[0].eyes is None:
        return None
    eyes = np.array(known[0].eyes)
    if mirrored:
        eyes = np.array([pixels.shape[1] - 1, 0]) + eyes[::-1] * np.array([-1, 1])
    return np.asarray(eyes * changed.shape[1] / pixels.shape[1])


def kind(faces: list[Face], expected: np.ndarray | None) -> str:
    """What became of a face."""
    if not faces:
        return "none"
    face = max(faces, key=lambda entry: entry.score)
    if face.profile:
        return "profile"
    if not face.sees_eyes or face.eyes is None:
        return "by box"
    if abs(face.turn) > TURNED:
        return "turned"
    if len(faces) > 1 or expected is None:
        return "elsewhere"
    error = np.linalg.norm(np.array(face.eyes) - expected, axis=1).max()
    return "right" if error < 0.25 * np.linalg.norm(expected[1] - expected[0]) else "elsewhere"


if __name__ == "__main__":
    main()
