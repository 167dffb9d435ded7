"""Augmentation: one draw for each sample, applied alike to its query and its references."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from gcnet_core.data.randomness import keyed_generator
from gcnet_core.recipe.schema import AugmentConfig

Draws = Float[Tensor, "batch 7"]
"""Columns: flip in [0, 1), then rotation, zoom, two shifts, brightness and contrast, each in [-1, 1)."""


def draw(seed: int, epoch: int, samples: Int[np.ndarray, "batch"], times: Int[np.ndarray, "batch"]) -> Draws:
    """Draw the changes of some samples; each depends on (seed, epoch, sample, time) alone.

    Args:
        seed: of the recipe.
        epoch: counted over all stages.
        samples: row numbers.
        times: how often each sample came before in this epoch.
    """

    def draw_one(sample: int, time: int) -> Float[np.ndarray, "7"]:
        key = (sample, time) if time else (sample,)
        return keyed_generator(seed, "augment", epoch, *key).random(7)

    uniform = np.stack([draw_one(int(sample), int(time)) for sample, time in zip(samples, times, strict=True)])
    uniform[:, 1:] = 2 * uniform[:, 1:] - 1
    return torch.from_numpy(uniform).float()


def augment(
    images: Float[Tensor, "batch channel height width"], draws: Draws, config: AugmentConfig
) -> Float[Tensor, "batch channel height width"]:
    """Mirror, rotate, zoom, shift, brighten and stretch the contrast of images, each by its own draw.

    Args:
        images: in [0, 1].
        draws: from `draw`; the same draws give the same change to a query and its reference.
        config: largest changes.

    Returns:
        Images in [0, 1]; beyond the border the edge is repeated.
    """
    mirror = 1 - 2 * (draws[:, 0] < config.flip).float()
    angle = draws[:, 1] * math.radians(config.rotation)
    zoom = 1 + draws[:, 2] * config.scale
    shift = 2 * draws[:, 3:5] * config.shift  # the sampling grid spans [-1, 1]
    cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
    rows = [cosine * mirror, -sine, shift[:, 0], sine * mirror, cosine, shift[:, 1]]
    grid = functional.affine_grid(torch.stack(rows, dim=1).view(-1, 2, 3), list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    brightness = (draws[:, 5] * config.brightness).view(-1, 1, 1, 1)
    contrast = (1 + draws[:, 6] * config.contrast).view(-1, 1, 1, 1)
    return ((moved - 0.5) * contrast + 0.5 + brightness).clamp(0, 1)
