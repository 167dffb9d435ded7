"""YAML text composed into nodes, within limits, so that no text makes the reader fail or wait."""

from functools import lru_cache
from typing import Any
from warnings import catch_warnings, simplefilter

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning

DEEPEST = 50
"""Levels of mappings and lists in each other; recipes have six. Python would follow some hundreds."""
MOST_VALUES = 10_000
"""Values of a recipe, those that aliases repeat counted each time; the largest one shipped has two hundred."""
TOO_DEEP = f"more than {DEEPEST} levels in each other, which no recipe has"
TOO_MANY = f"more than {MOST_VALUES:,} values, which no recipe has"


class _LimitedComposer(Composer):
    """Stops at the first node that is too deep or one too many."""

    depth = values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth, self.values = self.depth + 1, self.values + 1
        if self.depth > DEEPEST or self.values > MOST_VALUES:
            problem = TOO_DEEP if self.depth > DEEPEST else TOO_MANY
            raise MarkedYAMLError(problem=problem, problem_mark=self.parser.peek_event().start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


@lru_cache(maxsize=64)
def composed(text: str) -> Any:
    """The YAML nodes of a text, None if it has none; many recipes extend the same ones.

    Raises:
        YAMLError: if it is broken.
        Exception: of other classes too, where the parser trips over it.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _LimitedComposer
    with catch_warnings():
        simplefilter("ignore", ReusedAnchorWarning)  # which YAML 1.2 allows
        return yaml.compose(text)


def plain_words(error: MarkedYAMLError, text: str) -> str:
    """What the parser found, in words of people who write recipes."""
    problem = " ".join(str(error.problem or error.context).split())
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    line = lines[mark.line] if mark and mark.line < len(lines) else ""
    if "\\t" in problem:
        return "broken YAML: a tab; indent with spaces"
    if "another document" in problem:
        return "broken YAML: a second document begins here; a recipe is one"
    if "'{'" in problem and "${" in line:
        return f"broken YAML: {problem}; put quotes around a value with ${{...}} that stands in braces"
    return problem if problem in (TOO_DEEP, TOO_MANY) else f"broken YAML: {problem}"
