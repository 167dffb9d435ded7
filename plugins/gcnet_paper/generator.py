"""A generator whose way down is that of the encoder `conv`, which can so begin with what the generator learnt."""

from typing import cast

import torch
from gcnet_layers.clamp import straight_through_clamp
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Generator
from gcnet_paper.config import ConvGeneratorConfig
from gcnet_paper.encoder import conv_blocks


class ConvGenerator(Generator):
    """The query minus a predicted expression: the blocks of the encoder `conv`, and a way up that sees all their maps.

    `blocks` has the names and shapes of `encoder.blocks` of an encoder `conv` with the same `channels` and `unshuffle`.

    Args:
        config: widths.
        context: image size and channels.
    """

    def __init__(self, config: ConvGeneratorConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        factor = 2 if config.unshuffle else 1
        self.unshuffle = nn.PixelUnshuffle(factor)
        self.blocks = conv_blocks(context.image.channels * factor**2, config.channels)
        skipped = tuple(reversed(config.channels))
        widths = config.up_channels or tuple(max(1, width // 2) for width in skipped)
        self.ups = nn.ModuleList(
            _block(before + beside, width)
            for before, beside, width in zip((skipped[0], *widths[:-1]), skipped, widths, strict=True)
        )
        self.last = nn.Conv2d(widths[-1], context.image.channels * factor**2, kernel_size=3, padding=1)
        self.shuffle = nn.PixelShuffle(factor)
        nn.init.zeros_(self.last.weight)  # training starts from the copy of the query
        nn.init.zeros_(cast(Tensor, self.last.bias))

    def forward(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """The neutral face, in [0, 1]."""
        features, maps = self.unshuffle(2 * query - 1), []
        for block in self.blocks.children():
            convolve, halve = cast(nn.Sequential, block)[:-1], cast(nn.Sequential, block)[-1]
            maps.append(convolve(features))
            features = halve(maps[-1])
        for up, skipped in zip(self.ups, reversed(maps), strict=True):
            features = up(torch.cat([functional.interpolate(features, scale_factor=2), skipped], dim=1))
        expression = self.shuffle(self.last(features))
        return straight_through_clamp(query - expression)


def _block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()
    )
