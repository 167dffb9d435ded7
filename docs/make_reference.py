"""Write docs/reference.md: every recipe key and every option of every part, from the classes that define them.

Run `python docs/make_reference.py`; a test fails when the page is out of date.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gcnet_core.plugin_api import KINDS, Part, PartField, Registry, discover
from gcnet_core.plugin_api.part import PART_SCHEMA
from gcnet_core.recipe.schema import (
    AlbumConfig,
    AugmentConfig,
    EvaluationConfig,
    OptimizerConfig,
    Recipe,
    ReportConfig,
    SplitConfig,
    StageConfig,
    TrainingConfig,
)

TYPES = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true, false", "null": "null"}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "multipleOf": "multiple of",
}
PAGE = Path(__file__).parent / "reference.md"
SECTIONS: dict[str, type[BaseModel]] = {
    "Top level": Recipe,
    "image": Recipe.model_fields["image"].annotation,  # type: ignore[dict-item]
    "split": SplitConfig,
    "album": AlbumConfig,
    "augment": AugmentConfig,
    "training": TrainingConfig,
    "training.stages.NAME": StageConfig,
    "training.optimizer": OptimizerConfig,
    "evaluation": EvaluationConfig,
    "report": ReportConfig,
}


def page(registry: Registry) -> str:
    """The whole page as Markdown."""
    return "\n".join(lines(registry)) + "\n"


def lines(registry: Registry) -> Iterator[str]:
    """The page, line by line."""
    yield "# Reference: every key of a recipe"
    yield ""
    yield "Made by `python docs/make_reference.py` from the classes that check recipes; do not edit."
    for title, section in SECTIONS.items():
        yield from ("", f"## {title}", "", section.__doc__.strip().splitlines()[0] if section.__doc__ else "", "")
        yield from table(section)
    for kind, purpose in KINDS.items():
        yield from ("", f"## Parts: {kind}", "", f"A {kind} {purpose}.")
        for name in registry.names(kind):
            spec = registry.get(kind, name)
            source = f" Source: {spec.source}." if spec.source else ""
            yield from ("", f"### {kind} `{name}`", "", f"{spec.summary[:1].upper()}{spec.summary[1:]}.{source}", "")
            yield from table(spec.config)


def table(section: type[BaseModel]) -> Iterator[str]:
    """The keys of one section."""
    if not section.model_fields:
        yield "No options."
        return
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    schema = section.model_json_schema()
    for name, field in section.model_fields.items():
        kind = type_text(schema["properties"][name], schema.get("$defs", {}))
        meaning = " ".join((field.description or "").split())
        yield f"| `{name}` | {escape(kind)} | {escape(default_text(field))} | {escape(meaning)} |"


def type_text(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """The type of a value in words, with its range, from its JSON schema."""
    if PART_SCHEMA in schema:
        mark = PartField(**schema[PART_SCHEMA])
        return f"{mark.kind} part{', null' if mark.optional else ''}{', or a list' if mark.many else ''}"
    if "$ref" in schema:
        return "mapping"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(type_text(choice, definitions) for choice in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{choice}`" for choice in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        entries = schema.get("items") or schema.get("prefixItems", [{}])[0]
        return f"list of {type_text(entries, definitions)}"
    if schema.get("type") == "object":
        entries = schema.get("additionalProperties")
        return f"mapping of {type_text(entries, definitions)}" if isinstance(entries, dict) else "mapping"
    bounds = [f"{sign} {schema[key]}" for key, sign in BOUNDS.items() if key in schema]
    return ", ".join([TYPES.get(schema.get("type", ""), "any"), *bounds])


def default_text(field: FieldInfo) -> str:
    """The default as it would be written in a recipe."""
    if field.is_required():
        return "required"
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, BaseModel | dict | Part):
        return "see below" if default else "`{}`"
    if isinstance(default, tuple):
        default = list(default)
    return f"`{json.dumps(default)}`" if not isinstance(default, str) else f"`{default}`" if default else "empty"


def escape(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(discover()), encoding="utf-8")
