"""A JSON schema of recipes, with which editors complete and check them."""

from typing import Any

from gcnet_core.plugin_api import KINDS, Registry
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
            part = spec.config.model_json_schema()
            definitions.update(part.pop("$defs", {}))
            part["properties"] = {"type": {"const": name, "description": spec.summary}, **part.get("properties", {})}
            part["description"] = spec.summary
            choices.append(part)
        definitions[f"part-{kind}"] = {"anyOf": choices} if choices else {}
    return {"$schema": DIALECT, "title": "gcnet recipe", **_filled(schema)}


def _filled(schema: Any) -> Any:
    """The schema with references in place of the marks that fields of parts carry, nothing required, null to remove."""
    if isinstance(schema, list):
        return [_filled(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    if "x-gcnet-part" in schema:
        reference = {"$ref": f"#/$defs/part-{schema['x-gcnet-part']}"}
        choices: list[dict[str, Any]] = [reference, {"type": "null"}]
        if schema["x-gcnet-many"]:
            choices.append({"type": "array", "items": reference})
        return {"anyOf": choices, "description": schema.get("description", "")}
    filled = {key: _filled(entry) for key, entry in schema.items() if key not in ("default", "required")}
    entries = filled.get("additionalProperties")
    if isinstance(entries, dict) and "$ref" in entries:  # stages by name
        filled["additionalProperties"] = {"anyOf": [entries, {"type": "null"}]}
    return filled
