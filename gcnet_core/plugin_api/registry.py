"""Registry: all parts that were found, and why others cannot be used."""

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from gcnet_core.plugin_api.errors import UnknownPart, UserError
from gcnet_core.plugin_api.messages import faults
from gcnet_core.plugin_api.part import Part
from gcnet_core.plugin_api.spec import ComponentSpec


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

    @property
    def origin(self) -> str:
        """The part with the distribution that brought it, as messages name it."""
        return f"the {self.spec.kind} {self.spec.name} of {self.distribution} {self.version}"


@dataclass
class Registry:
    """All parts that were found, by kind and name."""

    parts: dict[tuple[str, str], Registered] = field(default_factory=dict)
    conflicts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    broken: list[BrokenPlugin] = field(default_factory=list)
    chosen: list[Part] | None = None

    def add(self, spec: ComponentSpec, distribution: str, version: str) -> None:
        """Register a part; two different ones of one name are a conflict, and neither can be used."""
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

    def called(self, name: str) -> list[Registered]:
        """The parts that a user means by NAME, which several kinds may have, or by KIND/NAME."""
        kind, _, short = name.rpartition("/")
        return [found for found in self.parts.values() if found.spec.name == short and kind in ("", found.spec.kind)]

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
