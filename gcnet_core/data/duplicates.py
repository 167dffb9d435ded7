"""Near duplicates: pairs of images whose grey levels correlate almost perfectly."""

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

COARSE = 12
SLACK = 0.01
"""A pair above the threshold correlates more, not less, when details are left out; the slack is for rounding."""
BLOCK = 2048


def near_duplicates(
    thumbnails: UInt8[np.ndarray, "image side side"], usable: Bool[np.ndarray, "image"], threshold: float
) -> list[tuple[int, int, float]]:
    """All pairs of images whose pixels correlate more than a threshold; brightness and contrast do not count.

    Every pair is compared at 12 x 12 pixels, and those that pass at full size.

    Args:
        thumbnails: grey images.
        usable: images to compare; constant ones have no correlation.
        threshold: of the correlation, e.g. 0.995.

    Returns:
        Pairs of image numbers, the lower first, with their correlation, in the order of the first.
    """
    rows = np.flatnonzero(usable)
    if not len(rows):
        return []
    coarse = _unit(np.stack([_coarse(thumbnails[row]) for row in rows]))
    found: list[tuple[int, int, float]] = []
    for start in range(0, len(rows), BLOCK):
        likeness = coarse[start : start + BLOCK] @ coarse[start:].T
        first, second = np.nonzero(np.triu(likeness > threshold - SLACK, k=1))
        found += _confirmed(thumbnails, rows[first + start], rows[second + start], threshold)
    return found


def correlations(
    thumbnails: UInt8[np.ndarray, "image side side"], first: Int[np.ndarray, "pair"], second: Int[np.ndarray, "pair"]
) -> Float[np.ndarray, "pair"]:
    """The correlation of each pair of images, over their pixels."""
    return np.asarray((_unit(thumbnails[first]) * _unit(thumbnails[second])).sum(axis=1))


def _confirmed(
    thumbnails: np.ndarray, first: Int[np.ndarray, "pair"], second: Int[np.ndarray, "pair"], threshold: float
) -> list[tuple[int, int, float]]:
    pairs = []
    for start in range(0, len(first), BLOCK):
        one, other = first[start : start + BLOCK], second[start : start + BLOCK]
        likeness = correlations(thumbnails, one, other)
        for index in np.flatnonzero(likeness > threshold):
            pairs.append((int(one[index]), int(other[index]), float(likeness[index])))
    return pairs


def _coarse(thumbnail: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.resize(thumbnail, (COARSE, COARSE), interpolation=cv2.INTER_AREA))


def _unit(images: UInt8[np.ndarray, "image side side"]) -> Float[np.ndarray, "image pixel"]:
    """Pixels with mean 0 and length 1."""
    flat = images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True).clip(min=1e-6))
