"""Generative adversarial generators."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_gan.config import GANConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            kind="generator",
            name="gan",
            config=GANConfig,
            target="gcnet_gan.generator:GAN",
            summary="conditional generative adversarial network with a discriminator phase of its own",
            source="arXiv:1611.07004",
        )
    ]
