"""Part: the name of a component together with its validated options, as a field of a pydantic model."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, TypeAdapter, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError


@dataclass(frozen=True)
class Part:
    """A component that a recipe selected.

    Args:
        kind: its kind, e.g. `generator`.
        type: its registered name, e.g. `vae`.
        config: its validated options, an instance of the config class that the component registered.
    """

    kind: str
    type: str
    config: Any

    def dump(self) -> dict[str, Any]:
        """The part as it is written in a recipe, all defaults filled in."""
        options: dict[str, Any] = self.config.model_dump(mode="json")
        return {"type": self.type, **options}


def part_of(kind: str, *, optional: bool = False, many: bool = False) -> Any:
    """Annotation of a field that selects a part of the given kind by `type:`.

    With `optional`, null is allowed; with `many`, a list of parts too, which becomes a tuple.

    Validation looks the name up in the registry given as context (`context={"registry": registry}`) and reports
    an unknown name, or any wrong option, at its own place.
    """

    def validate(value: Any, info: ValidationInfo) -> Any:
        if many and isinstance(value, list | tuple):
            return several.validate_python(value, context=info.context)
        return one(value, info)

    def one(value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Part) or (optional and value is None):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError(
                "part_shape", "expected a mapping with the key type, such as {type: NAME}", {"kind": kind}
            )
        if "type" not in value:
            raise PydanticCustomError("part_type_missing", "the key type is missing: which {kind}?", {"kind": kind})
        registry = (info.context or {})["registry"]
        name = value["type"]
        options = {key: option for key, option in value.items() if key != "type"}
        spec = registry.find(kind, name)
        if spec is None:
            raise PydanticCustomError(
                "part_unknown", "{reason}", {"kind": kind, "name": name, "reason": registry.reason(kind, name)}
            )
        # A ValidationError raised here is merged by pydantic: each nested error keeps its own location.
        return Part(kind, name, spec.config.model_validate(options, context=info.context))

    several = TypeAdapter(Annotated[tuple[Annotated[Any, BeforeValidator(one)], ...], Field(min_length=1)])
    return Annotated[
        Any,
        BeforeValidator(validate),
        PlainSerializer(_dumped),
        # gcnet_core.recipe.json_schema puts the parts in
        WithJsonSchema({"x-gcnet-part": kind, "x-gcnet-optional": optional, "x-gcnet-many": many}),
    ]


def _dumped(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_dumped(part) for part in value]
    return value.dump() if isinstance(value, Part) else value
