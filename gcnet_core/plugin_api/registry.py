"""Discovery: every plugin is loaded on its own, so that a broken one is listed and stops nobody else."""

import dataclasses
import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from pydantic import ValidationError

from gcnet_core.plugin_api import hookspec
from gcnet_core.plugin_api.errors import PluginError, UnknownPart, UserError
from gcnet_core.plugin_api.messages import faults
from gcnet_core.plugin_api.part import Part
from gcnet_core.plugin_api.spec import API_VERSION, ComponentSpec


@dataclass(frozen=True)
class BrokenPlugin:
    """A plugin that could not be loaded: its entry point's name, its distribution and the reason."""

    name: str
    distribution: str
    reason: str


@dataclass(frozen=True)
class Registered:
    """A part together with the distribution, and its version, that brought it."""

    spec: ComponentSpec
    distribution: str
    version: str


@dataclass
class Registry:
    """All parts that were found, by kind and name."""

    parts: dict[tuple[str, str], Registered] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: list[BrokenPlugin] = field(default_factory=list)
    chosen: list[Part] | None = None

    def sharing(self) -> "Registry":
        """The same parts; a recipe that chooses one as an earlier recipe did gets the very same object.

        Data sets list their files once in the life of their options, hence once for all recipes of a comparison.
        """
        return dataclasses.replace(self, chosen=[])

    def shared(self, part: Part) -> Part:
        """An equal part that was chosen before, if equal ones are shared; otherwise this one."""
        if self.chosen is None:
            return part
        if part not in self.chosen:
            self.chosen.append(part)
        return self.chosen[self.chosen.index(part)]

    def add_plugin(self, plugin: Any, name: str, distribution: str, version: str) -> None:
        """Register the parts of one loaded plugin module; if it is faulty, list it as broken instead."""
        try:
            specs = _components(plugin)
        except Exception as error:  # whatever a plugin does wrong is told about it, not about gcnet
            self.broken.append(BrokenPlugin(name, distribution, _one_line(error)))
            return
        for spec in specs:
            key = (spec.kind, spec.name)
            if key in self.parts and self.parts[key].spec != spec:
                self.conflicts.setdefault(key, [self.parts[key].distribution]).append(distribution)
            else:
                self.parts[key] = Registered(spec, distribution, version)

    def find(self, kind: str, name: Any) -> ComponentSpec | None:
        """The spec of a part, or None if there is no usable part of that name."""
        registered = self.parts.get((kind, name)) if isinstance(name, str) else None
        return None if registered is None or (kind, name) in self.conflicts else registered.spec

    def get(self, kind: str, name: str) -> ComponentSpec:
        """The spec of a part.

        Raises:
            UnknownPart: with the reason and the nearest name.
        """
        spec = self.find(kind, name)
        if spec is None:
            raise UnknownPart(self.reason(kind, name))
        return spec

    def part(self, kind: str, name: str, options: Mapping[str, Any] | None = None, where: str = "") -> Part:
        """A part with validated options, as a recipe would choose it.

        Args:
            kind: e.g. `generator`.
            name: by which it is registered.
            options: of the part; those left out have their defaults.
            where: they were written, for messages.

        Raises:
            UserError: naming the place, if there is no such part (`UnknownPart`) or an option is wrong.
        """
        written, place = dict(options or {}), f"{where}: " if where else ""
        spec = self.find(kind, name)
        if spec is None:
            raise UnknownPart(place + self.reason(kind, name))
        try:
            return Part(kind, name, spec.config.model_validate(written, context={"registry": self}))
        except ValidationError as error:
            raise UserError(f"{place or f'{kind} {name}: '}{faults(error, written)}") from error

    def names(self, kind: str) -> list[str]:
        """Registered names of one kind, sorted."""
        return sorted(name for part_kind, name in self.parts if part_kind == kind)

    def reason(self, kind: str, name: Any) -> str:
        """Why `find` gives nothing: a conflict, a misspelling, or a plugin that is missing or broken."""
        if isinstance(name, str) and (kind, name) in self.conflicts:
            owners = " and ".join(self.conflicts[kind, name])
            return f"two plugins define the {kind} {name}: {owners}; uninstall one of them"
        names = self.names(kind)
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(names) or 'none'}"
        faults = "".join(f" (plugin {broken.name} is broken: {broken.reason})" for broken in self.broken)
        return f"unknown {kind} {name}{hint}{faults}"


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
        registry.add_plugin(plugin, entry.name, distribution, version)
    for source in extra:
        known = len(registry.broken)
        registry.add_plugin(load_local(source), source, source, "local")
        if len(registry.broken) > known:
            raise PluginError(f"--plugin {source}: {registry.broken[-1].reason}")
    return registry


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
