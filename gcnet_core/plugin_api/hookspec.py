"""The hooks that a plugin implements: one for parts, one for trained models."""

from collections.abc import Iterable

import pluggy

from gcnet_core.plugin_api.model_spec import ModelSpec
from gcnet_core.plugin_api.spec import ComponentSpec

PROJECT = "gcnet"
ENTRY_POINT_GROUP = "gcnet.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def gcnet_components() -> Iterable[ComponentSpec]:  # type: ignore[empty-body]
    """Return the parts that this plugin adds. Pure, and without importing torch."""


@hookspec
def gcnet_models() -> Iterable[ModelSpec]:  # type: ignore[empty-body]
    """Return the trained models that this plugin brings. Pure, and without importing torch."""
