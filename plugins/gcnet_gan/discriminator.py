"""Patch discriminator (Isola et al., arXiv 1611.07004): judges neighbourhoods of a reference, given the query."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from gcnet_gan.config import GANConfig


class Discriminator(nn.Module):
    """A verdict on each neighbourhood: is this the neutral face of the person in the query, or a generated one?

    Args:
        config: widths, depth, spectral norm.
        channels: of an image.
    """

    def __init__(self, config: GANConfig, channels: int) -> None:
        super().__init__()
        limit = spectral_norm if config.spectral_norm else nn.Identity()
        widths = [
            2 * channels,
            *(config.discriminator_channels * 2**level for level in range(config.discriminator_depth)),
        ]
        self.blocks = nn.ModuleList(
            limit(nn.Conv2d(before, after, kernel_size=4, stride=2, padding=1))
            for before, after in zip(widths, widths[1:], strict=False)
        )
        self.last = limit(nn.Conv2d(widths[-1], 1, kernel_size=3, padding=1))

    def forward(
        self,
        query: Float[Tensor, "batch channel height width"],
        reference: Float[Tensor, "batch channel height width"],
    ) -> tuple[Float[Tensor, "batch 1 rows columns"], list[Tensor]]:
        """Verdicts, high for true references, and the features of every block."""
        maps = [2 * torch.cat([query, reference], dim=1) - 1]
        for block in self.blocks:
            maps.append(functional.leaky_relu(block(maps[-1]), 0.2))
        return self.last(maps[-1]), maps[1:]
