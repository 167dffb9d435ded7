"""Options of the autoencoder."""

from gcnet_layers.config import UNetConfig


class AutoencoderConfig(UNetConfig):
    """Options of the autoencoder."""
