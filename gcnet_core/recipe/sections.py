"""Which class checks which mapping of a recipe, parts included."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, WithJsonSchema

from gcnet_core.plugin_api import Registry

Path = tuple[Any, ...]


@dataclass(frozen=True)
class Section:
    """A mapping of a recipe and the class that checks it.

    Args:
        path: keys from the root.
        kind: kind of the part, None for a section that is no part.
        model: the class.
        value: what is written there.
    """

    path: Path
    kind: str | None
    model: type[BaseModel]
    value: dict[str, Any]

    @property
    def keys(self) -> list[str]:
        """Keys that may stand here."""
        return [*(["type"] if self.kind else []), *self.model.model_fields]

    def options(self) -> dict[str, Any]:
        """What is written, without the name of the part."""
        return {key: value for key, value in self.value.items() if not (self.kind and key == "type")}

    def part_names(self) -> list[str]:
        """Keys that select a nested part."""
        return [name for name, field in self.model.model_fields.items() if part_kind(field.metadata)]


def part_kind(metadata: Any) -> str | None:
    """The kind of part that a field selects; None if it selects none."""
    for entry in metadata:
        if isinstance(entry, WithJsonSchema) and entry.json_schema and "x-gcnet-part" in entry.json_schema:
            return str(entry.json_schema["x-gcnet-part"])
    return None


def sections(
    model: type[BaseModel], value: dict[str, Any], registry: Registry, path: Path = (), kind: str | None = None
) -> Iterator[Section]:
    """All mappings that are written in a recipe, outer ones first; those of unknown parts are left out."""
    yield Section(path, kind, model, value)
    for name, field in model.model_fields.items():
        yield from _below(field.annotation, field.metadata, value.get(name), registry, (*path, name))


def _below(annotation: Any, metadata: Any, value: Any, registry: Registry, path: Path) -> Iterator[Section]:
    if get_origin(annotation) is Annotated:
        annotation, metadata = annotation.__origin__, annotation.__metadata__
    kind = part_kind(metadata)
    if kind and isinstance(value, list):  # several data sets
        for index, entry in enumerate(value):
            yield from _below(annotation, metadata, entry, registry, (*path, index))
    if not isinstance(value, dict):
        return
    if kind:
        spec = registry.find(kind, value.get("type"))
        if spec:
            yield from sections(spec.config, value, registry, path, kind)
    elif get_origin(annotation) is dict:
        for name, entry in value.items():
            yield from _below(get_args(annotation)[1], (), entry, registry, (*path, name))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from sections(annotation, value, registry, path)
