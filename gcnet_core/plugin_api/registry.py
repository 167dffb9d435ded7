"""Registry: all parts that were found, and why others cannot be used."""

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gcnet_core.errors import UnknownPart, UserError
from gcnet_core.plugin_api.config import PluginConfig
from gcnet_core.plugin_api.found import BrokenPlugin, LoadedPlugin, Registered, SwitchedOff
from gcnet_core.plugin_api.found_models import FoundModels
from gcnet_core.plugin_api.guarded import guarded
from gcnet_core.plugin_api.messages import faults
from gcnet_core.plugin_api.modules import defines
from gcnet_core.plugin_api.part import Part
from gcnet_core.plugin_api.spec import ComponentSpec
from gcnet_core.plugin_api.switch import BY

MANY = 2
"""Broken plugins of which each is told where a part is unknown; of more only how many."""


@dataclass
class Registry:
    """All parts that were found, by kind and name, and the plugins that brought them, or could not."""

    parts: dict[tuple[str, str], Registered] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], list[Registered]] = field(default_factory=dict)
    models: FoundModels = field(default_factory=FoundModels)
    plugins: list[LoadedPlugin] = field(default_factory=list)
    broken: list[BrokenPlugin] = field(default_factory=list)
    switched_off: list[SwitchedOff] = field(default_factory=list)
    chosen: list[Part] | None = None
    _defined: dict[str, bool] = field(default_factory=dict)

    def add(self, spec: ComponentSpec, distribution: str, version: str) -> None:
        """Register a part; two different ones of one name are a conflict, and neither can be used."""
        key, found = (spec.kind, spec.name), Registered(spec, distribution, version)
        if key in self.parts and self.parts[key].spec != spec:
            self.conflicts.setdefault(key, [self.parts[key]]).append(found)
        else:
            self.parts[key] = found

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
            return Part(kind, name, self.options(kind, name, written, {"registry": self}, place))
        except ValidationError as error:
            raise UserError(f"{place or f'{kind} {name}: '}{faults(error, written)}") from error

    def options(self, kind: str, name: str, written: Mapping[str, Any], context: Any, prefix: str = "") -> PluginConfig:
        """The validated options of a usable part.

        Args:
            kind: of the part.
            name: of the part.
            written: what the recipe says.
            context: of pydantic's validation.
            prefix: of the message.

        Raises:
            ValidationError: if an option is wrong.
            PluginError: if a validator of the part raises what it must not.
        """
        found = self.parts[kind, name]
        package = found.spec.config.__module__.partition(".")[0]
        prefix = f"{prefix}{found.origin} cannot judge its options: "
        with guarded(f"{kind} {name}", package, prefix, passes=(ValidationError,)):
            return found.spec.config.model_validate(written, context=context)

    def missing_class(self, kind: str, name: str) -> str | None:
        """That the class of a usable part does not exist, in a sentence; None if it does, or nobody can tell."""
        found = self.parts[kind, name]
        spec = found.spec
        if spec.target not in self._defined:
            self._defined[spec.target] = defines(spec.module, spec.attribute)
        if self._defined[spec.target]:
            return None
        return f"{found.origin} cannot be built: module {spec.module} has no class {spec.attribute} (its target)"

    def called(self, name: str) -> list[Registered]:
        """The parts that a user means by NAME, which several kinds may have, or by KIND/NAME; all of a conflict."""
        kind, _, short = name.rpartition("/")
        return [part for part in self.everything() if part.spec.name == short and kind in ("", part.spec.kind)]

    def everything(self) -> list[Registered]:
        """All parts, those included of which two have one name."""
        return [part for key, first in self.parts.items() for part in self.conflicts.get(key, [first])]

    def names(self, kind: str) -> list[str]:
        """Registered names of one kind, sorted."""
        return sorted(name for part_kind, name in self.parts if part_kind == kind)

    def reason(self, kind: str, name: Any) -> str:
        """Why `find` gives nothing: a conflict, a misspelling, or a plugin that is missing or broken."""
        if isinstance(name, str) and (kind, name) in self.conflicts:
            owners = " and ".join(found.distribution for found in self.conflicts[kind, name])
            cure = "uninstall one of them, or leave it out with --no-plugin"
            return f"two plugins define the {kind} {name}: {owners}; {cure}"
        names = self.names(kind)
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else f"; there are: {', '.join(names) or 'none'}"
        return f"unknown {kind} {name}{hint}{self.absences()}"

    def absences(self) -> str:
        """Why a part may be unknown that the user knows: plugins that are broken or switched off, in brackets."""
        notes = [f"plugin {broken.name} is broken ({broken.distribution}): {broken.reason}" for broken in self.broken]
        if len(notes) > MANY:
            notes = [f"{len(notes)} plugins are broken; `gcnet plugins` lists them"]
        if self.switched_off:
            off = (f"{plugin.name} ({plugin.distribution})" for plugin in self.switched_off)
            notes.append(f"{BY}: {', '.join(off)}")
        return "".join(f" ({note})" for note in notes)

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
