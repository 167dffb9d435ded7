"""Images that show no face: those most unlike the others, in which a detector finds none either."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int, UInt8

from gcnet_core.data.in_threads import in_threads
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import ImageStats
from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.plugin_api import Registry

SUSPECTS = 0.02
"""Share of the images at which the detector looks, the most unlike first; it is too slow for all of a large set."""
MIN_SUSPECTS = 600
"""Suspects at least; a smaller set is looked at as a whole."""
MOST_SUSPECTS = 1000
"""Suspects at most: a detector may look at each for a tenth of a second, and at those longest that are no faces."""
LEARNED, COMPONENTS = 4000, 40
"""Images from which the usual look is learned, and directions in which faces differ."""


def not_faces(stats: ImageStats, read: Callable[[str], np.ndarray], finder: FaceFinder) -> Iterator[Finding]:
    """The finding, if there is any.

    Args:
        stats: at all images.
        read: `Dataset.read`.
        finder: of faces.
    """
    usable = np.array([not fault for fault in stats.faults], dtype=bool) & ~stats.constant
    suspects = most_unlike(stats.thumbnails, usable)

    def faceless(row: int) -> bool:
        return not finder.faces(read(stats.names[row]), stats.names[row])

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        answers = [answer for answers in in_threads(faceless, suspects.tolist()) for answer in answers]
    finally:
        cv2.setNumThreads(threads)
    found = [(stats.names[row],) for row, answer in zip(suspects, answers, strict=True) if answer]
    if found:
        text = (
            f"images to look at, perhaps no faces: they are among the {len(suspects)} that look least like the others, "
            f"and the detector ({finder.version}) finds no face in them"
        )
        yield Finding("not_faces", "warning", text, len(found), tuple(found))


def permissive_finder(detector: str, registry: Registry) -> FaceFinder:
    """A finder that overlooks as few faces as possible.

    Args:
        detector: name of the part; of `none`, which takes every picture as a face, nothing is found to be no face.
        registry: where it is looked up.

    Raises:
        UserError: if there is no such detector, or something that it needs is missing.
    """
    config = read_preparation([f"detector.type={detector}"], registry)
    part = replace(config.detector, config=config.detector.config.permissive())
    return FaceFinder(config.model_copy(update={"detector": part}), registry)


def most_unlike(
    thumbnails: UInt8[np.ndarray, "image side side"], usable: Bool[np.ndarray, "image"]
) -> Int[np.ndarray, "suspect"]:
    """Images that are badly described by the directions in which the images usually differ (eigenfaces).

    Turk and Pentland, Eigenfaces for recognition (1991): the distance from face space.

    Args:
        thumbnails: grey.
        usable: which of them count.

    Returns:
        Their numbers, the most unlike first.
    """
    rows = np.flatnonzero(usable)
    count = min(max(round(SUSPECTS * len(rows)), MIN_SUSPECTS), MOST_SUSPECTS)
    if len(rows) <= count:
        return rows
    chosen = rows[np.linspace(0, len(rows) - 1, min(LEARNED, len(rows))).astype(int)]
    pixels = _standard(thumbnails[chosen])
    mean = pixels.mean(axis=0)
    _, directions = np.linalg.eigh(np.cov(pixels - mean, rowvar=False))
    usual = directions[:, -COMPONENTS:].astype(np.float32)
    distance = np.empty(len(rows))
    for start in range(0, len(rows), LEARNED):
        block = _standard(thumbnails[rows[start : start + LEARNED]]) - mean
        distance[start : start + LEARNED] = np.square(block - block @ usual @ usual.T).sum(axis=1)
    return np.asarray(rows[np.argsort(-distance, kind="stable")[:count]])


def _standard(images: UInt8[np.ndarray, "image side side"]) -> Float[np.ndarray, "image pixel"]:
    """Half the size, with mean 0 and standard deviation 1."""
    side = images.shape[1] // 2
    flat = images.reshape(len(images), side, 2, side, 2).astype(np.float32).mean(axis=(2, 4)).reshape(len(images), -1)
    flat -= flat.mean(axis=1, keepdims=True)
    return np.asarray(flat / flat.std(axis=1, keepdims=True).clip(min=1e-3))
