"""Twins: pictures of one person that show the same, as a copy under another name or the next frame of a video does."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

CORRELATION = 0.995
"""From which two pictures of a person are one picture under two names, as `gcnet data check` has it."""
SIDE = 48
"""Pixels to which larger pictures are reduced before they are compared, as there."""
BLOCK = 1024
"""Pictures that are compared with all others at a time: a person may have thousands."""


def twins(
    images: UInt8[Tensor, "image channel height width"], people: Mapping[str, Int[np.ndarray, "picture"]]
) -> dict[int, Int[np.ndarray, "twin"]]:
    """For each picture that has any, the others of its person that show the same.

    Args:
        images: of all people.
        people: rows of the pictures of each person, each once.

    Returns:
        Rows by row.
    """
    found = {}
    for rows in people.values():
        for position, others in _alike(_unit(images[torch.from_numpy(rows)])):
            found[int(rows[position])] = rows[others]
    return found


def _alike(pictures: Float[np.ndarray, "picture value"]) -> Iterator[tuple[int, Int[np.ndarray, "other"]]]:
    """Each picture with a twin, and its twins."""
    for start in range(0, len(pictures), BLOCK):
        alike = pictures[start : start + BLOCK] @ pictures.T > CORRELATION
        alike[np.arange(len(alike)), start + np.arange(len(alike))] = False
        for position in np.flatnonzero(alike.any(axis=1)):
            yield start + int(position), np.flatnonzero(alike[position])


def _unit(images: UInt8[Tensor, "picture channel height width"]) -> Float[np.ndarray, "picture value"]:
    """Grey pixels of mean 0 and length 1, whose products are correlations; constant pictures are like each other."""
    height, width = images.shape[-2:]
    grey = adaptive_avg_pool2d(images.float().mean(dim=1, keepdim=True), (min(height, SIDE), min(width, SIDE)))
    values = grey.flatten(1).numpy()
    values -= values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    constant = length == 0
    return np.asarray(np.hstack([values / np.where(constant, 1, length), constant]), dtype=np.float32)
