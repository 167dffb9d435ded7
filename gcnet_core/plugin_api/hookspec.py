"""The one hook that a plugin implements."""

from collections.abc import Iterable

import pluggy

from gcnet_core.plugin_api.spec import ComponentSpec

PROJECT = "gcnet"
ENTRY_POINT_GROUP = "gcnet.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def gcnet_components() -> Iterable[ComponentSpec]:  # type: ignore[empty-body]
    """Return the parts that this plugin adds. Pure, and without importing torch."""
