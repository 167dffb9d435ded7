"""Which class checks which mapping of a recipe, parts included."""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import reduce
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from gcnet_core.plugin_api import PartField, Registry, part_field

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Section:
    """A mapping of a recipe and the class that checks it.

    Args:
        path: keys from the root.
        kind: kind of the part, None for a section that is no part.
        model: the class.
        value: what is written there.
        config: the validated options; None before validation, and where something is wrong.
        origin: the part as messages name it; empty for a section that is no part.
        answers: what the part says of itself, see `answers`; none before it was asked.
    """

    path: Path
    kind: str | None
    model: type[BaseModel]
    value: dict[str, Any]
    config: Any = None
    origin: str = ""
    answers: Mapping[str, Any] = attribute(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """Keys that may stand here."""
        return [*(["type"] if self.kind else []), *self.model.model_fields]

    def options(self) -> dict[str, Any]:
        """What is written, without the name of the part."""
        return {key: value for key, value in self.value.items() if not (self.kind and key == "type")}

    def part_fields(self) -> dict[str, PartField]:
        """Keys that select a nested part, with the mark of each."""
        marks = {name: part_field(field.metadata) for name, field in self.model.model_fields.items()}
        return {name: mark for name, mark in marks.items() if mark}


Sections = Mapping[Path, Section]


def sections(
    model: type[BaseModel], value: dict[str, Any], registry: Registry, path: Path = (), kind: str | None = None
) -> Iterator[Section]:
    """All mappings that are written in a recipe, outer ones first; those of unknown parts are left out."""
    origin = registry.parts[kind, value["type"]].origin if kind else ""
    yield Section(path, kind, model, value, origin=origin)
    for below, inner, part in nested(model, value, registry):
        yield from sections(inner, reduce(operator.getitem, below, value), registry, (*path, *below), part)


def nested(
    model: type[BaseModel], value: dict[str, Any], registry: Registry
) -> Iterator[tuple[Path, type[BaseModel], str | None]]:
    """The mappings directly inside one: where each stands, the class that checks it, and its kind if it is a part."""
    for name, field in model.model_fields.items():
        yield from _in_field(field.annotation, field.metadata, value.get(name), registry, (name,))


def _in_field(
    annotation: Any, metadata: Any, value: Any, registry: Registry, path: Path
) -> Iterator[tuple[Path, type[BaseModel], str | None]]:
    if get_origin(annotation) is Annotated:
        annotation, metadata = annotation.__origin__, annotation.__metadata__
    mark = part_field(metadata)
    if mark:
        yield from _parts(mark.kind, value, registry, path)
    elif not isinstance(value, dict):
        return
    elif get_origin(annotation) is dict:
        for name, entry in value.items():
            yield from _in_field(get_args(annotation)[1], (), entry, registry, (*path, name))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield path, annotation, None


def _parts(kind: str, value: Any, registry: Registry, path: Path) -> Iterator[tuple[Path, type[BaseModel], str | None]]:
    """The part that is written, or each of a list of them."""
    if isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _parts(kind, entry, registry, (*path, index))
    spec = registry.find(kind, value.get("type")) if isinstance(value, dict) else None
    if spec:
        yield path, spec.config, kind
