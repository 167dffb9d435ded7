"""Autoencoder generators."""

from collections.abc import Iterable

from gcnet_autoencoder.config import AutoencoderConfig
from gcnet_core.plugin_api import ComponentSpec, hookimpl


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            kind="generator",
            name="autoencoder",
            config=AutoencoderConfig,
            target="gcnet_autoencoder.generator:Autoencoder",
            summary="U-Net or bottleneck autoencoder; predicts the reference or query minus expression",
            source="arXiv:1505.04597",
        )
    ]
