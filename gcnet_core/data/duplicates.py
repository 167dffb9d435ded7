"""Near duplicates: pairs of images whose grey levels correlate almost perfectly."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

BLOCK = 2048
WAVES, DIRECTIONS = 8, 16
"""Slow waves (cosines) of each side by which an image is described, and directions of these that are looked at."""
CELL = 256
"""Images that are compared with each other at once."""
LOOKED_AT = 2048
"""Images that show in which directions images differ, and where a crowd of them is best divided."""
WORTH = 2**0.5
"""How many times as many images both parts may hold together: from there on to divide costs more than it saves."""
ROUNDING = 1e-3


def near_duplicates(
    thumbnails: UInt8[np.ndarray, "image side side"], usable: Bool[np.ndarray, "image"], threshold: float
) -> list[tuple[int, int, float]]:
    """All pairs of images whose pixels correlate more than a threshold; brightness and contrast do not count.

    As points of mean 0 and length 1 such images are near to each other, and no farther in any projection. So a crowd is
    divided, again and again, at the middle of its widest direction, into two that overlap by as much, and images are
    compared within the small cells that are left: time grows little faster than their number, where they differ.

    Args:
        thumbnails: grey images.
        usable: images to compare; constant ones have no correlation.
        threshold: of the correlation, e.g. 0.995.

    Returns:
        Pairs of image numbers, the lower first, with their correlation, in the order of the first.
    """
    rows = np.flatnonzero(usable)
    if len(rows) < 2:
        return []
    points = _described(thumbnails, rows)
    reach = (2 * (1 - threshold)) ** 0.5 + ROUNDING
    with ThreadPoolExecutor() as pool:  # numpy multiplies without holding Python's lock
        cells = _cells(points, np.arange(len(rows), dtype=np.int32), reach)
        found = [pairs for pairs in pool.map(lambda cell: _near(points, cell, reach), cells) if len(pairs)]
    if not found:
        return []
    first, second = np.divmod(np.unique(np.concatenate(found)), len(rows))
    return _confirmed(thumbnails, rows[first], rows[second], threshold)


def correlations(
    thumbnails: UInt8[np.ndarray, "image side side"], first: Int[np.ndarray, "pair"], second: Int[np.ndarray, "pair"]
) -> Float[np.ndarray, "pair"]:
    """The correlation of each pair of images, over their pixels."""
    blocks = [
        (_unit(thumbnails[first[start : start + BLOCK]]) * _unit(thumbnails[second[start : start + BLOCK]])).sum(axis=1)
        for start in range(0, len(first), BLOCK)
    ]
    return np.concatenate(blocks) if blocks else np.empty(0, dtype=np.float32)


def _confirmed(
    thumbnails: np.ndarray, first: Int[np.ndarray, "pair"], second: Int[np.ndarray, "pair"], threshold: float
) -> list[tuple[int, int, float]]:
    likeness = correlations(thumbnails, first, second)
    alike = likeness > threshold
    return list(zip(first[alike].tolist(), second[alike].tolist(), likeness[alike].tolist(), strict=True))


def _described(
    thumbnails: UInt8[np.ndarray, "image side side"], rows: Int[np.ndarray, "usable"]
) -> Float[np.ndarray, "usable direction"]:
    """Projections of images onto a few directions in which they differ most, the strongest first."""
    side = thumbnails.shape[1]
    waves = _cosines(side, min(WAVES, side))
    points = np.empty((len(rows), len(waves) ** 2 - 1), dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        images = _unit(thumbnails[rows[start : start + BLOCK]]).reshape(-1, side, side)
        # without the mean, which is 0
        points[start : start + BLOCK] = (waves @ images @ waves.T).reshape(len(images), -1)[:, 1:]
    _, directions = np.linalg.eigh(np.cov(_some(points), rowvar=False))
    return np.asarray(points @ directions[:, : -DIRECTIONS - 1 : -1].astype(np.float32))


def _cosines(side: int, count: int) -> Float[np.ndarray, "count side"]:
    """The slowest waves of the orthonormal cosine transform."""
    waves = np.cos(np.pi * np.arange(count)[:, None] * (np.arange(side) + 0.5) / side)
    return np.asarray(waves / np.linalg.norm(waves, axis=1, keepdims=True), dtype=np.float32)


def _cells(
    points: Float[np.ndarray, "image direction"], rows: Int[np.ndarray, "crowd"], reach: float
) -> Iterator[Int[np.ndarray, "cell"]]:
    """Small crowds, so that any two images within reach of each other are together in one of them."""
    if len(rows) > CELL:
        some = points[_some(rows)]
        widest = some.std(axis=0).argmax()
        place, middle = points[rows, widest], np.median(some[:, widest])
        lower, upper = rows[place <= middle + reach / 2], rows[place >= middle - reach / 2]
        if len(lower) + len(upper) < WORTH * len(rows):
            yield from _cells(points, lower, reach)
            yield from _cells(points, upper, reach)
            return
    yield rows


def _near(
    points: Float[np.ndarray, "image direction"], cell: Int[np.ndarray, "cell"], reach: float
) -> Int[np.ndarray, "pair"]:
    """Pairs of a cell within reach of each other, each as one number: the lower times all images, plus the other."""
    found = []
    inside = points[cell]
    half_square = np.square(inside).sum(axis=1) / 2
    for start in range(0, len(cell), BLOCK):
        some = slice(start, start + BLOCK)
        least = half_square - reach**2 / 2
        one, other = np.nonzero(inside[some] @ inside[start:].T - half_square[some, None] > least[start:])
        lower, upper = cell[one[one < other] + start].astype(np.int64), cell[other[one < other] + start]
        found.append(lower * len(points) + upper)
    return np.concatenate(found)


def _some(values: np.ndarray) -> np.ndarray:
    """A few of many, evenly."""
    return values[:: len(values) // LOOKED_AT + 1]


def _unit(images: UInt8[np.ndarray, "image side side"]) -> Float[np.ndarray, "image pixel"]:
    """Pixels with mean 0 and length 1."""
    flat = images.reshape(len(images), images.shape[1] * images.shape[2]).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True).clip(min=1e-6))
