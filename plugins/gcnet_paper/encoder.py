"""A plain convolutional encoder."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from gcnet_core.interfaces import BuildContext, Encoder
from gcnet_paper.config import ConvEncoderConfig


class ConvEncoder(Encoder):
    """Convolution, batch norm, ReLU and halving, repeated; then one linear layer, so that position counts.

    Args:
        config: widths of blocks and embedding.
        context: number of image channels.
    """

    def __init__(self, config: ConvEncoderConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        factor = 2 if config.unshuffle else 1
        self.unshuffle = nn.PixelUnshuffle(factor)
        self.blocks = conv_blocks(context.image.channels * factor**2, config.channels, config.depth)
        side = context.image.size // factor // 2 ** len(config.channels)
        self.head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.channels[-1] * side**2, config.width))
        self.width = config.width
        self.margins = [round(view * context.image.size) for view in config.views]

    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Embed faces in [0, 1]."""
        views = [self._embed(framed(images, margin)) for margin in self.margins]
        return views[0] if len(views) == 1 else torch.stack(views).mean(dim=0)

    def _embed(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        embedding: Tensor = self.head(self.blocks(self.unshuffle(2 * images - 1)).flatten(1))
        return embedding


def framed(
    images: Float[Tensor, "batch channel height width"], margin: int
) -> Float[Tensor, "batch channel height width"]:
    """Pictures that show less or more around the face, at their size; faces are framed a little otherwise each time.

    Args:
        images: square.
        margin: pixels by which they are cut off (below 0) or continued by their edge (above 0) on each side.
    """
    if not margin:
        return images
    side = images.shape[-1]
    if margin > 0:
        seen = functional.pad(images, (margin,) * 4, mode="replicate")
    else:
        seen = images[..., -margin : side + margin, -margin : side + margin]
    return functional.interpolate(seen, size=(side, side), mode="bilinear", align_corners=False)


def conv_blocks(channels: int, widths: Sequence[int], depth: int = 1) -> nn.Sequential:
    """Blocks of the given widths, `depth` convolutions in each; each ends with its halving."""
    return nn.Sequential(*(_block(before, after, depth) for before, after in pairwise((channels, *widths))))


def _block(before: int, after: int, depth: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (before, *(after,) * (depth - 1)):
        layers += [nn.Conv2d(width, after, kernel_size=3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))
