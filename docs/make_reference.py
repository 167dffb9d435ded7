"""Write docs/reference.md: every recipe key and every option of every part, from the classes that define them.

Run `python docs/make_reference.py`; a test fails when the page is out of date.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gcnet_core.plugin_api import KINDS, Part, Registry, discover
from gcnet_core.recipe.schema import (
    AugmentConfig,
    EvaluationConfig,
    OptimizerConfig,
    Recipe,
    ReportConfig,
    SplitConfig,
    StageConfig,
    TrainingConfig,
)

PAGE = Path(__file__).parent / "reference.md"
SECTIONS: dict[str, type[BaseModel]] = {
    "Top level": Recipe,
    "image": Recipe.model_fields["image"].annotation,  # type: ignore[dict-item]
    "split": SplitConfig,
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
    for name, field in section.model_fields.items():
        meaning = " ".join((field.description or "").split())
        yield f"| `{name}` | {escape(type_text(field))} | {escape(default_text(field))} | {escape(meaning)} |"


def type_text(field: FieldInfo) -> str:
    """The type of a key in words, with its range."""
    text = str(getattr(field.annotation, "__name__", field.annotation))
    if not isinstance(field.annotation, type):
        text = str(field.annotation).replace("typing.", "").replace("NoneType", "null").replace("None", "null")
    if text == "Any":
        text = "part"
    for module in ("gcnet_core.recipe.schema.", "gcnet_core.plugin_api.facts."):
        text = text.replace(module, "")
    bounds = [
        f"{symbol} {getattr(limit, attribute)}"
        for limit in field.metadata
        for attribute, symbol in (("ge", ">="), ("gt", ">"), ("le", "<="), ("lt", "<"))
        if getattr(limit, attribute, None) is not None
    ]
    return ", ".join([text, *bounds])


def default_text(field: FieldInfo) -> str:
    """The default as it would be written in a recipe."""
    if field.is_required():
        return "required"
    default: Any = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(default, BaseModel | dict | Part):
        return "see below" if default else "`{}`"
    return "`null`" if default is None else f"`{str(default).lower() if isinstance(default, bool) else default}`"


def escape(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(discover()), encoding="utf-8")
