"""Variational autoencoder generators."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_vae.config import VAEConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            kind="generator",
            name="vae",
            config=VAEConfig,
            target="gcnet_vae.generator:VAE",
            summary="variational autoencoder; predicts the reference or query minus expression",
            source="arXiv:1312.6114",
        )
    ]
