"""A decoder from a code back to a face, for the reconstruction losses."""

from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Decoder
from gcnet_paper.config import ConvDecoderConfig


class ConvDecoder(Decoder):
    """A linear layer to a small map, then upsampling and convolution, repeated.

    Nearest-neighbour upsampling followed by a convolution leaves no checkerboards (Odena et al., 2016).

    Args:
        config: widths of the blocks.
        context: image size and channels.
        in_features: length of the code.
    """

    def __init__(self, config: ConvDecoderConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        side = context.image.size // 2 ** len(config.channels)
        first = config.channels[0]
        widths = (first, *config.channels)
        self.start = nn.Sequential(nn.Linear(in_features, first * side**2), nn.Unflatten(1, (first, side, side)))
        self.blocks = nn.Sequential(
            *(_block(before, after) for before, after in zip(widths[:-1], widths[1:], strict=True)),
            nn.Conv2d(widths[-1], context.image.channels, kernel_size=3, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, code: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch channel height width"]:
        """Images in [0, 1]."""
        images: Tensor = self.blocks(self.start(code))
        return images


def _block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Upsample(scale_factor=2),
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )
