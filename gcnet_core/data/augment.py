"""Augmentation: one draw for each sample, applied alike to its query and its references."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional

from gcnet_core.data.randomness import keyed_generator
from gcnet_core.recipe.schema import AugmentConfig

COLUMNS = 7

Draws = Float[Tensor, "batch 7"]
"""Columns: flip in [0, 1), then rotation, zoom, two shifts, brightness and contrast, each in [-1, 1)."""


def draw(seed: int, epoch: int, samples: Int[np.ndarray, "batch"], times: Int[np.ndarray, "batch"]) -> Draws:
    """Draw the changes of some samples; each depends on (seed, epoch, sample, time) alone.

    The draws of an epoch are one stream, and those of a sample lie at its place in it, so that no sample needs a
    generator of its own; all that come for the second time in an epoch share a second stream.

    Args:
        seed: of the recipe.
        epoch: counted over all stages.
        samples: row numbers.
        times: how often each sample came before in this epoch.
    """
    uniform = np.empty((len(samples), COLUMNS), dtype=np.float32)
    for time in np.unique(times):
        chosen = np.flatnonzero(times == time)
        stream = keyed_generator(seed, "augment", epoch, int(time))
        uniform[chosen] = stream.random((samples[chosen].max() + 1, COLUMNS), dtype=np.float32)[samples[chosen]]
    uniform[:, 1:] = 2 * uniform[:, 1:] - 1
    return torch.from_numpy(uniform)


class Augmentation:
    """Mirrors, rotates, zooms, shifts, brightens and stretches the contrast of images, each by its own draw.

    One of them changes the queries of a batch and their references alike.

    Args:
        draws: from `draw`, on the device of the images.
        config: largest changes.
    """

    def __init__(self, draws: Draws, config: AugmentConfig) -> None:
        mirror = 1 - 2 * (draws[:, 0] < config.flip).float()
        angle = draws[:, 1] * math.radians(config.rotation)
        zoom = 1 + draws[:, 2] * config.scale
        shift = 2 * draws[:, 3:5] * config.shift  # the sampling grid spans [-1, 1]
        cosine, sine = zoom * torch.cos(angle), zoom * torch.sin(angle)
        rows = [cosine * mirror, -sine, shift[:, 0], sine * mirror, cosine, shift[:, 1]]
        self.motion = torch.stack(rows, dim=1).view(-1, 2, 3)
        self.brightness = (draws[:, 5] * config.brightness + 0.5).view(-1, 1, 1, 1)
        self.contrast = (1 + draws[:, 6] * config.contrast).view(-1, 1, 1, 1)
        self.grid: Float[Tensor, "batch height width 2"] | None = None

    def __call__(
        self, images: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """Change images in [0, 1]; beyond the border the edge is repeated."""
        if self.grid is None:  # the same for a query and its references
            self.grid = _grid(self.motion, *images.shape[-2:])
        moved = functional.grid_sample(images, self.grid, padding_mode="border", align_corners=False)
        return moved.sub_(0.5).mul_(self.contrast).add_(self.brightness).clamp_(0, 1)


def _grid(motion: Float[Tensor, "batch 2 3"], height: int, width: int) -> Float[Tensor, "batch height width 2"]:
    """What `torch.nn.functional.affine_grid` gives, but for rounding, in a fifteenth of its time on a CPU.

    That multiplies many small matrices, which a GPU may do in half precision; here a row is added to a column.
    """
    across = _centres(width, motion) * motion[:, :, 0, None]
    down = _centres(height, motion) * motion[:, :, 1, None] + motion[:, :, 2, None]
    return (down[:, :, :, None] + across[:, :, None, :]).permute(0, 2, 3, 1)


def _centres(count: int, like: Tensor) -> Float[Tensor, "position"]:
    """Centres of pixels, in [-1, 1]."""
    return (2 * torch.arange(count, dtype=like.dtype, device=like.device) + 1) / count - 1
