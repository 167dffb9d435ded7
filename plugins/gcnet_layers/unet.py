"""The common U-Net: halvings to a bottleneck vector and back, with or without skip connections.

The first halving only moves pixels into channels, and the last doubling moves them back (Shi et al., arXiv 1609.05158):
no detail is lost, and nothing is computed at full size, which makes training four times faster.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext
from gcnet_layers.clamp import straight_through_clamp
from gcnet_layers.config import UNetConfig

GROUPS = 4
"""Group norm and not batch norm: an estimate must not depend on the other faces of its batch."""


class Block(nn.Module):
    """Two convolutions with group norm and ReLU, and a shortcut."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, after, kernel_size=3, padding=1),
            nn.GroupNorm(GROUPS, after),
            nn.ReLU(),
            nn.Conv2d(after, after, kernel_size=3, padding=1),
        )
        self.shortcut = nn.Conv2d(before, after, kernel_size=1) if before != after else nn.Identity()

    def forward(
        self, features: Float[Tensor, "batch before height width"]
    ) -> Float[Tensor, "batch after height width"]:
        """Features of the new width."""
        return functional.relu(self.body(features) + self.shortcut(features))


class Down(nn.Module):
    """Image to feature maps of every size, and the smallest one as a vector.

    Args:
        config: widths and number of halvings.
        context: image size and channels.
        length: of the vector.
    """

    def __init__(self, config: UNetConfig, context: BuildContext, length: int) -> None:
        super().__init__()
        widths = [config.channels * 2**level for level in range(config.depth)]
        side = context.image.size // 2**config.depth
        self.first = nn.Sequential(nn.PixelUnshuffle(2), Block(4 * context.image.channels, widths[0]))
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.AvgPool2d(2), Block(before, after)) for before, after in pairwise(widths)
        )
        self.vector = nn.Linear(widths[-1] * side**2, length)

    def forward(
        self, images: Float[Tensor, "batch channel height width"]
    ) -> tuple[list[Tensor], Float[Tensor, "batch length"]]:
        """Maps from half the image size down to the smallest, and the vector."""
        maps = [self.first(2 * images - 1)]
        for block in self.blocks:
            maps.append(block(maps[-1]))
        return maps, self.vector(maps[-1].flatten(1))


class Up(nn.Module):
    """A bottleneck vector, and the maps of the way down if they are used, to an image.

    Args:
        config: widths, number of doublings, skip connections, form of the output.
        context: image size and channels.
    """

    def __init__(self, config: UNetConfig, context: BuildContext) -> None:
        super().__init__()
        self.config = config
        widths = [config.channels * 2**level for level in reversed(range(config.depth))]
        side = context.image.size // 2**config.depth
        self.start = nn.Sequential(
            nn.Linear(config.latent, widths[0] * side**2), nn.Unflatten(1, (widths[0], side, side))
        )
        self.upsample = nn.Upsample(scale_factor=2)  # and a convolution: no checkerboards (Odena et al., 2016)
        skipped = 2 if config.skip_connections else 1
        self.blocks = nn.ModuleList(
            Block(skipped * width, after) for width, after in zip(widths, [*widths[1:], widths[-1]], strict=True)
        )
        self.last = nn.Conv2d(widths[-1], 4 * context.image.channels, kernel_size=3, padding=1)
        self.shuffle = nn.PixelShuffle(2)
        if config.output == "residual":  # training starts from the copy of the query
            nn.init.zeros_(self.last.weight)
            nn.init.zeros_(cast(Tensor, self.last.bias))

    def forward(
        self,
        latent: Float[Tensor, "batch latent"],
        maps: Sequence[Tensor],
        query: Float[Tensor, "batch channel height width"],
    ) -> Float[Tensor, "batch channel height width"]:
        """The reference, in [0, 1]."""
        features = self.start(latent)
        for level, (block, skipped) in enumerate(zip(self.blocks, reversed(maps), strict=True)):
            if level > 0:
                features = self.upsample(features)
            if self.config.skip_connections:
                features = torch.cat([features, skipped], dim=1)
            features = block(features)
        image = self.shuffle(self.last(features))
        if self.config.output == "direct":
            return torch.sigmoid(image)
        return straight_through_clamp(query - image)
