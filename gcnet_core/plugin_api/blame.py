"""Blame: which part an unexpected exception comes from. No torch."""

import inspect
import traceback
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import Any

from gcnet_core.errors import PluginError
from gcnet_core.plugin_api.config import PluginConfig
from gcnet_core.plugin_api.found import Registered
from gcnet_core.plugin_api.hookspec import PROJECT
from gcnet_core.plugin_api.registry import Registry
from gcnet_core.plugin_api.spec import ComponentSpec

_known: list[Registry] = []
"""The registry that was found last: where an exception is told, nobody has it at hand any more."""


def remember(registry: Registry) -> None:
    """Parts of this registry are those that may be to blame from now on."""
    _known[:] = [registry]


def plugin_fault(error: BaseException) -> PluginError | None:
    """The part that an exception comes from, as an error that says so in one sentence.

    A frame belongs to a part if its `self` is one (a built part bears its `origin`), or its options, or if its code is
    of a plugin that did not come with gcnet. The deepest such frame is to blame.

    Args:
        error: with its traceback.

    Returns:
        The error to tell; None if no part is to blame, so that the fault is gcnet's.
    """
    parts = [found for registry in _known for found in registry.everything()]
    packages = _packages(parts)
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        origin = _of_object(frame.f_locals, parts) or _of_module(frame, parts, packages)
        if origin:
            code = frame.f_code
            words = " ".join(str(error).split())
            raised = f"{type(error).__name__}{f': {words}' if words else ''}"
            told = PluginError(
                f"{origin} raised {raised}, in {code.co_qualname} ({code.co_filename}:{line}); "
                "--traceback shows the whole"
            )
            told.__cause__ = error
            return told
    return None


def _of_object(names: Mapping[str, Any], parts: Iterable[Registered]) -> str | None:
    """The part whose method runs: a built one, its options, or the spec that imports it."""
    owner = names.get("self", names.get("cls"))
    origin = inspect.getattr_static(owner, "origin", None)
    if isinstance(origin, str) and origin.startswith("the "):
        return origin
    for found in parts if isinstance(owner, PluginConfig | ComponentSpec | type) else ():
        if found.spec is owner or found.spec.config in (owner, type(owner)):
            return found.origin
    return None


def _of_module(frame: FrameType, parts: Iterable[Registered], packages: Mapping[str, str]) -> str | None:
    """The part, or the plugin, of whose package the code is."""
    module = frame.f_globals.get("__name__", "")
    here = [found for found in parts if found.spec.module == module and found.distribution != PROJECT]
    return here[0].origin if len(here) == 1 else packages.get(module.partition(".")[0])


def _packages(parts: Iterable[Registered]) -> dict[str, str]:
    """Top-level packages of the options of third parties' parts, each with the plugin that it is of."""
    owners: dict[str, str] = {}
    for found in parts:
        package = found.spec.config.__module__.partition(".")[0]
        owners[package] = f"the plugin {found.owner}"
    own = {found.spec.config.__module__.partition(".")[0] for found in parts if found.distribution == PROJECT}
    return {package: owner for package, owner in owners.items() if package not in own | {PROJECT, "gcnet_core"}}
