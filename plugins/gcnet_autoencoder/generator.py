"""Autoencoder: the query through a bottleneck vector to its neutral reference."""

from gcnet_layers.unet import Down, Up
from jaxtyping import Float
from torch import Tensor

from gcnet_autoencoder.config import AutoencoderConfig
from gcnet_core.interfaces import BuildContext, Generator


class Autoencoder(Generator):
    """Estimates the reference directly, or as the query minus a predicted expression.

    Args:
        config: widths, bottleneck, skip connections, form of the output.
        context: image size and channels.
    """

    def __init__(self, config: AutoencoderConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.down = Down(config, context, config.latent)
        self.up = Up(config, context)

    def forward(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """The neutral face, in [0, 1]."""
        maps, latent = self.down(query)
        reference: Tensor = self.up(latent, maps, query)
        return reference
