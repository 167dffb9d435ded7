"""Write docs/api.md: what the author of a part derives from, is given and returns, from signatures and docstrings.

Run `python docs/make_api.py`; with `--check` nothing is written, and the exit code is 1 if the page is out of date.
"""

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from describe import described
from make_reference import escape

from gcnet_core import errors, interfaces, plugin_api, testing
from gcnet_core.data.decode import decode
from gcnet_core.interfaces.kinds import base_of
from gcnet_core.plugin_api import KINDS, PluginConfig
from gcnet_core.testing.every_part.common import CHECKS as CHECKS_OF_ALL

PAGE = Path(__file__).parent / "api.md"
HEAD = """# API for authors of parts

Made by `python docs/make_api.py` from signatures and docstrings; do not edit. [plugins.md](plugins.md) says how the
pieces belong together, [parts.md](parts.md) shows a complete plugin of each kind.

A plugin may use what is listed here; it changes only with a line in the [list of changes](../CHANGELOG.md). Shapes are
written as jaxtyping writes them: `Float[Tensor, 'batch channel height width']` is a tensor of floats with four axes,
and axes of one name have one length. All images that parts of a network see are square, of the recipe's size, with
values in [0, 1]."""
REGISTRATION = [plugin_api.ComponentSpec, plugin_api.discover, plugin_api.Registry.part]
HOOK = (
    "A plugin has one function, `gcnet_components() -> Iterable[ComponentSpec]`, under `@hookimpl` of "
    "`gcnet_core.plugin_api`. It is pure, and neither it nor what it imports may import torch."
)
OPTIONS = [
    PluginConfig, plugin_api.RecipeInfo, plugin_api.ImageConfig, plugin_api.ConfigIssue, plugin_api.part_of,
    plugin_api.PartField, plugin_api.Part,
]  # fmt: skip
BUILDING = [interfaces.BuildContext, interfaces.Component, interfaces.VectorComponent]
BATCHES = [interfaces.Batch, interfaces.Output, interfaces.ReferencePairs, interfaces.masked_mean]
OF_KIND: dict[str, list[Any]] = {
    "dataset": [plugin_api.DatasetInfo, plugin_api.Sample, plugin_api.ordered_classes, decode],
    "model": [interfaces.generator_output, interfaces.generator_phases],
    "generator": [interfaces.Estimate, interfaces.Phase],
    "detector": [interfaces.Face],
    "engine": [interfaces.Task, interfaces.Ended, interfaces.TaskRunner],
}
"""Types and functions that are of use for one kind alone."""
NOTES = {
    "dataset": f"Expressions are called {', '.join(f'`{name}`' for name in plugin_api.CANONICAL)}; others may occur.",
    "detector": "A `Point` is x to the right and y down, in pixels from the top left corner of the picture.",
}
KIT = [
    testing.Case,
    testing.parametrize_with_checks,
    testing.checks_of,
    testing.run_checks,
    testing.Check,
    testing.Result,
]


def page() -> str:
    """The whole page as Markdown, never two empty lines in a row."""
    text: list[str] = []
    for line in lines():
        if line or text[-1]:
            text.append(line)
    return "\n".join(text).rstrip() + "\n"


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield HEAD
    yield from section("Registration", HOOK, REGISTRATION)
    yield from section("Options", "Pydantic models whose fields are keys of a recipe.", OPTIONS)
    yield from section("Building", "What all parts of a network share.", BUILDING)
    yield from section(
        "Batches", "What flows between the parts. `Terms` are named scalars, `dict[str, Float[Tensor, '']]`.", BATCHES
    )
    for kind, purpose in KINDS.items():
        yield from of_kind(kind, purpose)
    yield from section("Errors", "From `gcnet_core.plugin_api`, each a subclass of the one in brackets.", ())
    for name, error in vars(errors).items():
        if isinstance(error, type):
            yield f"- `{name}({error.__bases__[0].__name__})`: {' '.join((inspect.getdoc(error) or '').split())}"
    yield from section("The contract kit", "Checks as a plugin's own tests run them.", KIT)
    yield from ("", "### Checks of every part", "", *checks(CHECKS_OF_ALL))


def of_kind(kind: str, purpose: str) -> Iterator[str]:
    """What the author of one kind of part must know."""
    config = config_of(kind)
    own = [config] if config is not PluginConfig else []
    arguments = ", ".join(list(inspect.signature(base_of(kind).__init__).parameters)[1:])
    text = f"{purpose[0].upper()}{purpose[1:]}. Built as `Class({arguments})`; `config` is a `{config.__name__}`."
    yield from section(
        f"Kind: {kind}", f"{text} {NOTES.get(kind, '')}".rstrip(), [base_of(kind), *own, *OF_KIND.get(kind, ())]
    )
    found = [check for check in testing.checks_of(kind) if check not in CHECKS_OF_ALL]
    if found:
        yield from ("", "Checks of this kind, after [those of every part](#checks-of-every-part):", "", *checks(found))


def section(title: str, text: str, members: Iterable[Any]) -> Iterator[str]:
    """A heading, and the members below it."""
    yield from ("", f"## {title}", "", text, "")
    for member in members:
        yield from described(member, linked())


def checks(listed: Iterable[testing.Check]) -> Iterator[str]:
    """A table of checks."""
    yield from ("| check | promise | rests on |", "|---|---|---|")
    for check in listed:
        yield f"| `{check.name}` | {escape(check.promise)} | {', '.join(f'`{needed}`' for needed in check.needs)} |"


def config_of(kind: str) -> type[PluginConfig]:
    """The class from which options of a kind derive."""
    found: type[PluginConfig] = getattr(plugin_api, f"{kind.capitalize()}Config", PluginConfig)
    return found


def linked() -> list[type]:
    """The classes from which others on the page derive."""
    return [PluginConfig, interfaces.Component, interfaces.VectorComponent]


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(f"{PAGE} is out of date; run: python docs/make_api.py" if PAGE.read_text("utf-8") != page() else 0)
    PAGE.write_text(page(), encoding="utf-8")
