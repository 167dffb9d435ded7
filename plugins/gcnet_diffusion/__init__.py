"""Diffusion generators."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_diffusion.config import DiffusionConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            kind="generator",
            name="diffusion",
            config=DiffusionConfig,
            target="gcnet_diffusion.generator:Diffusion",
            summary="diffusion of the reference given the query, sampled in a few steps",
            source="arXiv:2006.11239",
        )
    ]
