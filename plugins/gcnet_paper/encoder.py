"""A plain convolutional encoder."""

from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Encoder
from gcnet_paper.config import ConvEncoderConfig


class ConvEncoder(Encoder):
    """Convolution, batch norm, ReLU and halving, repeated; then one linear layer, so that position counts.

    Args:
        config: widths of blocks and embedding.
        context: number of image channels.
    """

    def __init__(self, config: ConvEncoderConfig, context: BuildContext) -> None:
        super().__init__()
        widths = (context.image.channels, *config.channels)
        self.blocks = nn.Sequential(
            *(_block(before, after) for before, after in zip(widths[:-1], widths[1:], strict=True))
        )
        side = context.image.size // 2 ** len(config.channels)
        self.head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.channels[-1] * side**2, config.width))
        self.width = config.width

    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Embed faces in [0, 1]."""
        embedding: Tensor = self.head(self.blocks(2 * images - 1).flatten(1))
        return embedding


def _block(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )
