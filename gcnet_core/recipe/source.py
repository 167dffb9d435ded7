"""YAML text as a tree in which every key and value knows its place. YAML 1.2: `1e-3` is a number, `no` is text."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from gcnet_core.recipe.problems import Place, Problems

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
TYPED = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null"))


@dataclass(frozen=True)
class Node:
    """A value of a recipe with its place.

    Args:
        place: where the value is written.
        content: a scalar, a dict of nodes, or a list of nodes.
        keys: for a mapping, where each key is written.
    """

    place: Place
    content: Any
    keys: dict[str, Place]

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.content, dict):
            return {key: node.plain() for key, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.plain() for node in self.content]
        return self.content

    def child(self, key: Any) -> "Node | None":
        """The node of a key or an index; None if there is none."""
        if isinstance(self.content, dict):
            return self.content.get(key)
        if isinstance(self.content, list) and isinstance(key, int) and 0 <= key < len(self.content):
            child: Node = self.content[key]
            return child
        return None

    def follow(self, path: tuple[Any, ...]) -> "tuple[Node, tuple[Any, ...]]":
        """The deepest node on a path, and the part of the path that exists."""
        node = self
        for depth, key in enumerate(path):
            child = node.child(key)
            if child is None:
                return node, path[:depth]
            node = child
        return node, path

    def key_place(self, path: tuple[Any, ...]) -> Place:
        """Where the last key of a path is written, or the deepest place that exists."""
        parent, found = self.follow(path[:-1])
        if found == path[:-1] and path and path[-1] in parent.keys:
            return parent.keys[path[-1]]
        return parent.place


def mapping(place: Place) -> Node:
    """An empty mapping."""
    return Node(place, {}, {})


def parse(text: str, file: str, problems: Problems, column: int = 1) -> Node:
    """Read YAML text.

    Args:
        text: to read.
        file: its name in problems.
        problems: where duplicate keys, unset variables and broken syntax are told.
        column: of the first character of the text.
    """
    start = Place(file, 1, column)
    try:
        root = _composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + column) if mark else start
        problems.add(place, f"broken YAML: {_plain_words(error, text)}", fatal=True)
        return mapping(start)
    except YAMLError as error:
        problems.add(start, f"broken YAML: {' '.join(str(error).split())}", fatal=True)
        return mapping(start)
    if root is None:
        return mapping(start)
    return _Reader(file, problems, column).read(root, ())


@lru_cache(maxsize=256)
def _composed(text: str) -> Any:
    """The YAML nodes of a text; many recipes extend the same ones."""
    return YAML(typ="safe", pure=True).compose(text)


def _plain_words(error: MarkedYAMLError, text: str) -> str:
    """What the parser found, in words of people who write recipes."""
    problem = str(error.problem or error.context)
    mark = error.problem_mark or error.context_mark
    line = text.splitlines()[mark.line] if mark and mark.line < len(text.splitlines()) else ""
    if "\\t" in problem:
        return "a tab; indent with spaces"
    if "another document" in problem:
        return "a second document begins here; a recipe is one"
    if "'{'" in problem and "${" in line:
        return f"{problem}; put quotes around a value with ${{...}} that stands in braces"
    return problem


class _Reader:
    """Turns composed YAML nodes into nodes with places."""

    def __init__(self, file: str, problems: Problems, column: int) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.file, self.problems, self.column = file, problems, column

    def read(self, node: Any, above: tuple[int, ...]) -> Node:
        place = self.place(node)
        if id(node) in above:
            self.problems.add(place, "an alias that contains itself", fatal=True)
            return Node(place, None, {})
        above = (*above, id(node))
        if isinstance(node, MappingNode):
            keys: dict[str, Place] = {}
            entries: dict[str, Node] = {}
            for key, value, key_place in self.entries(node):
                if key in keys:
                    self.problems.add(key_place, f"the key {key} is already in line {keys[key].line}")
                else:
                    keys[key], entries[key] = key_place, self.read(value, above)
            return Node(place, entries, keys)
        if isinstance(node, SequenceNode):
            return Node(place, [self.read(child, above) for child in node.value], {})
        return Node(place, self.scalar(node, place), {})

    def entries(self, node: MappingNode) -> Iterator[tuple[str, Any, Place]]:
        for key, value in node.value:
            place = self.place(key)
            if isinstance(key, ScalarNode):
                yield str(key.value), value, place
            else:
                self.problems.add(place, "a key must be plain text")

    def scalar(self, node: ScalarNode, place: Place) -> Any:
        if str(node.tag) in TYPED:
            return self.yaml.constructor.construct_object(node)
        text = str(node.value)
        if not REFERENCE.search(text):
            return text
        filled = REFERENCE.sub(lambda match: self.variable(match, place), text)
        if REFERENCE.fullmatch(text) and node.style is None:  # the whole value: a number may stand in a variable
            return parse(filled, self.file, Problems()).plain() if "\n" not in filled else filled
        return filled

    def variable(self, match: "re.Match[str]", place: Place) -> str:
        name, default = match.groups()
        value = os.environ.get(name, default)
        if value is None:
            self.problems.add(
                place, f"the environment variable {name} is not set; set it, or write ${{{name}:-default}}"
            )
            return ""
        return value

    def place(self, node: Any) -> Place:
        line, column = node.start_mark.line, node.start_mark.column
        return Place(self.file, line + 1, column + (self.column if line == 0 else 1))
