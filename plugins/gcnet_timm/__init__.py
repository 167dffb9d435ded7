"""Backbones of the timm library as encoders."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_timm.config import TimmConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            kind="encoder",
            name="timm",
            config=TimmConfig,
            target="gcnet_timm.encoder:TimmEncoder",
            summary="any backbone of the timm library, grey or colour",
            source="https://github.com/huggingface/pytorch-image-models",
        )
    ]
