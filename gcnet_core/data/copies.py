"""Copies: training images that are nearly equal to one that is tested, which a network would answer by heart."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Bool, UInt8
from torch.nn.functional import adaptive_avg_pool2d

from gcnet_core.data.duplicates import near_duplicates
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.splits import Split

CORRELATION = 0.995
"""From which two images are one, as `gcnet data check` has it."""
SIDE = 48
"""Pixels to which larger images are reduced before they are compared, as there."""


@dataclass(frozen=True)
class LeftOut:
    """What training does without.

    Args:
        copies: images nearly equal to one of the validation or test part.
        constant: images whose pixels are all equal.
    """

    copies: int
    constant: int

    def __str__(self) -> str:
        return (
            f"{self.copies:,} training images that are nearly equal to a validation or test image "
            f"(correlation above {CORRELATION}) and {self.constant:,} constant ones are left out"
        )


def without_copies(table: FaceTable, split: Split) -> tuple[Split, LeftOut]:
    """The split whose training part holds no copy of what is tested, and no constant image.

    Args:
        table: all faces.
        split: of them; validation and test parts stay as they are.

    Returns:
        The split, and what was left out.
    """
    pictures = _thumbnails(table)
    constant = (pictures == pictures[:, :1, :1]).all(axis=(1, 2))
    held_out = np.zeros(len(table), dtype=bool)
    held_out[np.concatenate([split.validation, split.test])] = True
    training = np.zeros(len(table), dtype=bool)
    training[split.train] = True
    copied = _copied(pictures, training, held_out, usable=(training | held_out) & ~constant)
    kept = split.train[~copied[split.train] & ~constant[split.train]]
    return replace(split, train=kept), LeftOut(int(copied.sum()), int(constant[split.train].sum()))


def _copied(
    pictures: UInt8[np.ndarray, "sample side side"],
    training: Bool[np.ndarray, "sample"],
    held_out: Bool[np.ndarray, "sample"],
    usable: Bool[np.ndarray, "sample"],
) -> Bool[np.ndarray, "sample"]:
    """Training samples with a near duplicate that is held out."""
    copied = np.zeros(len(pictures), dtype=bool)
    for pair in near_duplicates(pictures, usable, CORRELATION):
        for one, other in (pair[:2], pair[1::-1]):
            copied[one] |= training[one] and held_out[other]
    return copied


def _thumbnails(table: FaceTable) -> UInt8[np.ndarray, "sample side side"]:
    """The query of each sample in grey, as `gcnet data check` compares them."""
    height, width = table.images.shape[-2:]
    size = (min(height, SIDE), min(width, SIDE))
    grey = [
        adaptive_avg_pool2d(table.images[rows].float().mean(dim=1), size).round().to(torch.uint8)
        for rows in table.query.split(4096)
    ]
    return torch.cat(grey).numpy()
