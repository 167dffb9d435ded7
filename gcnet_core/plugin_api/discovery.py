"""Discovery: every plugin is loaded on its own, so that a broken one is listed and stops nobody else."""

import importlib
import importlib.util
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from gcnet_core.plugin_api import hookspec
from gcnet_core.plugin_api.errors import PluginError
from gcnet_core.plugin_api.registry import BrokenPlugin, Registry
from gcnet_core.plugin_api.spec import API_VERSION, ComponentSpec


def discover(extra: Iterable[str] = ()) -> Registry:
    """Find all installed plugins, and local ones.

    Args:
        extra: paths of Python files, or names of modules, as given by `--plugin`.

    Returns:
        The registry. Faulty installed plugins are in `registry.broken`.

    Raises:
        PluginError: if a plugin of `extra` is faulty; it was asked for, so it must work.
    """
    registry = Registry()
    for entry in sorted(entry_points(group=hookspec.ENTRY_POINT_GROUP), key=lambda entry: entry.name):
        distribution = entry.dist.name if entry.dist else "unknown"
        version = entry.dist.version if entry.dist else ""
        try:
            plugin = entry.load()
        except Exception as error:
            registry.broken.append(BrokenPlugin(entry.name, distribution, _one_line(error)))
            continue
        add_plugin(registry, plugin, entry.name, distribution, version)
    for source in extra:
        known = len(registry.broken)
        add_plugin(registry, load_local(source), source, source, "local")
        if len(registry.broken) > known:
            raise PluginError(f"--plugin {source}: {registry.broken[-1].reason}")
    return registry


def add_plugin(registry: Registry, plugin: Any, name: str, distribution: str, version: str) -> None:
    """Register the parts of one loaded plugin module; if it is faulty, list it as broken instead."""
    try:
        specs = _components(plugin)
    except Exception as error:  # whatever a plugin does wrong is told about it, not about gcnet
        registry.broken.append(BrokenPlugin(name, distribution, _one_line(error)))
        return
    for spec in specs:
        registry.add(spec, distribution, version)


def load_local(source: str) -> ModuleType:
    """Import a plugin from a Python file or by module name.

    Raises:
        PluginError: if it cannot be imported.
    """
    path = Path(source)
    try:
        if path.suffix != ".py":
            return importlib.import_module(source)
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # so that targets "stem:Class" resolve to this file
        spec.loader.exec_module(module)
        return module
    except Exception as error:
        raise PluginError(f"--plugin {source}: {_one_line(error)}") from error


def _components(plugin: Any) -> list[ComponentSpec]:
    """Call the hook of one plugin and check what it returns."""
    manager = pluggy.PluginManager(hookspec.PROJECT)
    manager.add_hookspecs(hookspec)
    manager.register(plugin)
    manager.check_pending()  # a misspelt hook would otherwise register silently
    answers = manager.hook.gcnet_components()
    if not answers:
        raise ValueError("has no hook gcnet_components; decorate it with gcnet_core.plugin_api.hookimpl")
    specs = list(answers[0])
    for spec in specs:
        if not isinstance(spec, ComponentSpec):
            raise TypeError(f"gcnet_components returned {spec!r} instead of a ComponentSpec")
        if spec.api_version != API_VERSION:
            raise ValueError(
                f"part {spec.name} was written for plugin API {spec.api_version}, this gcnet has {API_VERSION}; "
                "install a matching version of the plugin"
            )
    return specs


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
