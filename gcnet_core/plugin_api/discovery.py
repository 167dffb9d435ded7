"""Discovery: every plugin is loaded on its own, so that a broken one is listed and stops nobody else."""

import logging
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from importlib.metadata import Distribution, entry_points
from pathlib import Path
from typing import Any

import pluggy

from gcnet_core.errors import PluginError
from gcnet_core.plugin_api import blame, hookspec, modules
from gcnet_core.plugin_api.found import LOCAL, BrokenPlugin, LoadedPlugin, SwitchedOff
from gcnet_core.plugin_api.guarded import guarded
from gcnet_core.plugin_api.local import each_once, load_local
from gcnet_core.plugin_api.model_spec import ModelSpec
from gcnet_core.plugin_api.registry import Registry
from gcnet_core.plugin_api.spec import API_VERSION, ComponentSpec
from gcnet_core.plugin_api.switch import current_switch

HOOKS = {"gcnet_components": "ComponentSpec", "gcnet_models": "ModelSpec"}
"""Each hook, and what it returns a list of."""
SLOW = 1.0
"""Seconds from which the loading of a plugin is told: every command waits for it."""


def discover(extra: Iterable[str] = ()) -> Registry:
    """Find all installed plugins, and local ones.

    Args:
        extra: paths of Python files, or names of modules, as given by `--plugin`.

    Returns:
        The registry. Faulty installed plugins are in `registry.broken`, those that `GCNET_PLUGINS` or `--no-plugin`
        leaves out in `registry.switched_off`.

    Raises:
        PluginError: if a plugin of `extra` is faulty; it was asked for, so it must work.
        UserError: if a plugin is switched off that is not there.
    """
    registry, switch = Registry(), current_switch()
    entries = sorted(entry_points(group=hookspec.ENTRY_POINT_GROUP), key=lambda entry: entry.name)
    owners = {found: _distribution(found) for found in {entry.dist for entry in entries}}  # each is read but once
    switch.refuse_unknown(name for entry in entries for name in (entry.name, owners[entry.dist][0]))
    for entry in entries:
        distribution, version = owners[entry.dist]
        if switch.lets(entry.name, distribution):
            add_plugin(registry, entry.load, entry.name, distribution, version, entry.module)
        else:
            registry.switched_off.append(SwitchedOff(entry.name, distribution))
    for source in each_once(extra):
        fault = add_plugin(registry, partial(load_local, source), source, source, LOCAL, Path(source).stem)
        if fault is not None:
            raise PluginError(f"--plugin {source}: {fault}") from fault.__cause__
    blame.remember(registry)
    return registry


def add_plugin(
    registry: Registry, load: Callable[[], Any], name: str, distribution: str, version: str, module: str
) -> PluginError | None:
    """Load one plugin and register its parts; if it is faulty, list it as broken instead.

    Args:
        registry: to which it is added.
        load: imports it.
        name: of its entry point.
        distribution: that brought it.
        version: of the distribution.
        module: that is imported, for messages.

    Returns:
        What is wrong with it; None if it works.
    """
    start, fault = time.perf_counter(), None
    specs: list[ComponentSpec] = []
    models: list[ModelSpec] = []
    try:
        with warnings.catch_warnings(), guarded(f"plugin {name}", module.partition(".")[0]):  # its filters are its own
            specs, models = _declared(load())
    except PluginError as error:
        fault = error
    seconds = round(time.perf_counter() - start, 3)
    if fault:
        registry.broken.append(BrokenPlugin(name, distribution, seconds, str(fault)))
    else:
        registry.plugins.append(LoadedPlugin(name, distribution, seconds, version))
    if seconds > SLOW and distribution != hookspec.PROJECT and version != LOCAL:  # a file of one's own imports torch
        logging.getLogger(hookspec.PROJECT).warning(
            f"plugin {name} of {distribution} took {seconds:.1f} s to load, for which every command waits; it should "
            "import what is large only in the modules that its targets name"
        )
    for spec in specs:
        registry.add(spec, distribution, version)
    for model in models:
        registry.models.add(model, distribution, version)
    return fault


def _declared(plugin: Any) -> tuple[list[ComponentSpec], list[ModelSpec]]:
    """Call the hooks of one plugin and check what they return."""
    manager = pluggy.PluginManager(hookspec.PROJECT)
    manager.add_hookspecs(hookspec)
    manager.register(plugin)
    try:
        manager.check_pending()  # a misspelt hook would otherwise register silently
    except pluggy.PluginValidationError as error:
        raise ValueError(f"{error}; the hooks are {' and '.join(HOOKS)}") from error
    hooks = [getattr(manager.hook, name) for name in HOOKS]
    if not any(hook.get_hookimpls() for hook in hooks):
        raise ValueError("has no hook gcnet_components; decorate it with gcnet_core.plugin_api.hookimpl")
    components, models = (_answered(hook, name) for hook, name in zip(hooks, HOOKS, strict=True))
    for spec in components:
        _refuse(spec)
    for model in models:
        if not isinstance(model, ModelSpec):
            raise TypeError(f"gcnet_models returned {model!r} instead of a ModelSpec")
    _refuse_twins("gcnet_components", "parts", components)
    _refuse_twins("gcnet_models", "models", [model.name for model in models])
    return components, models


def _answered(hook: pluggy.HookCaller, name: str) -> list[Any]:
    """What a hook returned, nothing where the plugin does not have it."""
    if not hook.get_hookimpls():
        return []
    answers = hook()
    answer = answers[0] if answers else None  # pluggy leaves out None
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | dict):
        raise TypeError(f"{name} returned {answer!r} instead of a list of {HOOKS[name]}")
    return list(answer)


def _refuse_twins(hook: str, what: str, found: Iterable[Any]) -> None:
    name, count = next(iter(Counter(map(str, found)).most_common(1)), ("", 0))
    if count > 1:
        raise ValueError(f"{hook} returned {count} {what} called {name}; give each a name of its own")


def _refuse(spec: Any) -> None:
    """Raise if something that a hook returned is no part, or one that this gcnet could not use."""
    if not isinstance(spec, ComponentSpec):
        raise TypeError(f"gcnet_components returned {spec!r} instead of a ComponentSpec")
    if spec.api_version != API_VERSION:
        raise ValueError(
            f"part {spec.name} was written for plugin API {spec.api_version}, this gcnet has {API_VERSION}; "
            "install a matching version of the plugin"
        )
    if not modules.is_there(spec.module):
        raise ModuleNotFoundError(f"there is no module {spec.module}, which target {spec.target!r} of {spec} names")


def _distribution(found: Distribution | None) -> tuple[str, str]:
    """Name and version of the distribution that brought an entry point."""
    return (found.name, found.version) if found else ("unknown", "")
