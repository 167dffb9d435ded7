"""Options of the variational autoencoder."""

from gcnet_layers.config import UNetConfig
from pydantic import Field


class VAEConfig(UNetConfig):
    """Options of the variational autoencoder."""

    kl_weight: float = Field(
        0.1,
        ge=0,
        description="factor of the divergence, which is a sum over the latent divided by the values of an image",
    )
