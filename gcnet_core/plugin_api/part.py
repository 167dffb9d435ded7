"""Part: the name of a component together with its validated options, as a field of a pydantic model."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from gcnet_core.errors import PluginError

PART_SCHEMA = "x-gcnet-part"
"""Key under which the JSON schema of a class holds a `PartField`; `json_schema` of recipes puts the parts in."""


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


@dataclass(frozen=True)
class PartField:
    """Marks a field that selects a part, and validates what is written there.

    A name alone selects the part with its defaults. Validation looks the name up in the registry given as context
    (`context={"registry": registry}`) and reports an unknown name, or any wrong option, at its own place.

    Args:
        kind: of the part.
        optional: whether null is allowed.
        many: whether a list of parts is allowed too, which becomes a tuple.
    """

    kind: str
    optional: bool = False
    many: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        one = core_schema.with_info_plain_validator_function(self._one)
        several = core_schema.tuple_variable_schema(one, min_length=1)
        schema = core_schema.with_info_wrap_validator_function(self._one_or_several, several) if self.many else one
        return {**schema, "serialization": core_schema.plain_serializer_function_ser_schema(_dumped)}

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {PART_SCHEMA: asdict(self)}

    def _one_or_several(self, value: Any, several: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        return several(value) if isinstance(value, list | tuple) else self._one(value, info)

    def _one(self, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, Part) or (self.optional and value is None):
            return value
        kind = self.kind
        value = {"type": value} if isinstance(value, str) else value
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
        try:  # a ValidationError raised here is merged by pydantic: each nested error keeps its own location
            return registry.shared(Part(kind, name, registry.options(kind, name, options, info.context)))
        except PluginError as fault:
            raise PydanticCustomError("part_faulty", "{reason}", {"reason": str(fault)}) from fault


def part_of(kind: str, *, optional: bool = False, many: bool = False) -> Any:
    """Annotation of a field that selects a part of the given kind by `type:`; the options are those of `PartField`."""
    return Annotated[Any, PartField(kind, optional, many)]


def part_field(metadata: Any) -> PartField | None:
    """The mark among the metadata of a field; None if it selects no part."""
    return next((entry for entry in metadata if isinstance(entry, PartField)), None)


def _dumped(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_dumped(part) for part in value]
    return value.dump() if isinstance(value, Part) else value
