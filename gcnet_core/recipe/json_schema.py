"""A JSON schema of recipes, with which editors complete and check them."""

import logging
from typing import Any

from gcnet_core.plugin_api import KINDS, PartField, PluginConfig, PluginError, Registry, guarded
from gcnet_core.plugin_api.part import PART_SCHEMA
from gcnet_core.recipe.schema import Recipe

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(registry: Registry) -> dict[str, Any]:
    """The schema of a recipe that uses the registered parts.

    A file that `extends` another may leave out keys, even `type`, that the whole recipe needs; the schema therefore
    requires none.

    Args:
        registry: all parts.
    """
    schema = Recipe.model_json_schema()
    definitions = schema.setdefault("$defs", {})
    for kind in KINDS:
        choices = []
        for name in registry.names(kind):
            spec = registry.find(kind, name)
            if spec is None:
                continue
            part = _options(registry.parts[kind, name].origin, spec.config)
            definitions.update(part.pop("$defs", {}))
            part["properties"] = {"type": {"const": name, "description": spec.summary}, **part.get("properties", {})}
            part["description"] = spec.summary
            choices.append(part)
        names = {"enum": registry.names(kind), "description": "a part with its defaults"}
        definitions[f"part-{kind}"] = {"anyOf": [*choices, names]} if choices else {}
    return {"$schema": DIALECT, "title": "gcnet recipe", **_filled(schema)}


def _options(origin: str, config: type[PluginConfig]) -> dict[str, Any]:
    """The schema of the options of a part; one that cannot give it takes what it likes, and is told."""
    package = config.__module__.partition(".")[0]
    try:
        with guarded(origin.removeprefix("the "), package, f"{origin} has no JSON schema of its options: "):
            return config.model_json_schema()
    except PluginError as fault:
        logging.getLogger("gcnet").warning(str(fault))
        return {}


def _filled(schema: Any) -> Any:
    """The schema with references in place of the marks that fields of parts carry, nothing required, null to remove."""
    if isinstance(schema, list):
        return [_filled(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if PART_SCHEMA in schema:
        return {**_part(PartField(**schema[PART_SCHEMA])), "description": schema.get("description", "")}
    filled = {key: _filled(entry) for key, entry in schema.items() if key not in ("default", "required")}
    entries = filled.get("additionalProperties")
    if isinstance(entries, dict) and "$ref" in entries:  # stages by name
        filled["additionalProperties"] = {"anyOf": [entries, {"type": "null"}]}
    return filled


def _part(mark: PartField) -> dict[str, Any]:
    """What may stand in a field of a part; null removes what an extended recipe brought, even if it is needed."""
    part = {"$ref": f"#/$defs/part-{mark.kind}"}
    choices: list[dict[str, Any]] = [part, {"type": "null"}]
    return {"anyOf": [*choices, {"type": "array", "items": part}] if mark.many else choices}
