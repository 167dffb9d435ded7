"""YAML text as a tree in which every key and value knows its place. YAML 1.2: `1e-3` is a number, `no` is text."""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from gcnet_core.plugin_api.messages import short, shown
from gcnet_core.recipe.compose import DEEPEST, MOST_VALUES, TOO_DEEP, TOO_MANY, composed, plain_words
from gcnet_core.recipe.problems import Place, Problems
from gcnet_core.recipe.text import unprintable
from gcnet_core.recipe.tree import Node, mapping

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
YAML_TAG = "tag:yaml.org,2002:"
KINDS = {"int": "a whole number", "float": "a number", "bool": "true or false", "null": "null"}
KINDS = {f"{YAML_TAG}{name}": noun for name, noun in KINDS.items()}
"""What is read as another value than text, as messages call it."""
KNOWN = frozenset(f"{YAML_TAG}{name}" for name in ("str", "map", "seq"))
NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


def parse(text: str, file: str, problems: Problems, column: int = 1) -> Node:
    """Read YAML text.

    Args:
        text: to read.
        file: its name in problems.
        problems: where duplicate keys, unset variables, broken syntax and what is beyond all limits are told.
        column: of the first character of the text.
    """
    start = Place(file, 1, column)
    try:
        fault = unprintable(text, file, column)
        root = None if fault else composed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(file, mark.line + 1, mark.column + (1 if mark.line else column)) if mark else start
        fault = place, plain_words(error, text)
    except Exception as error:  # ruamel trips over some texts: ValueError, KeyError, AttributeError
        fault = start, f"broken YAML: {' '.join(str(error).split()) or type(error).__name__}"
    if fault is not None:
        problems.add(*fault, fatal=True)
        return mapping(start)
    if root is None:
        return mapping(start)
    return _Reader(file, problems, column).read(root, ())


class _Reader:
    """Turns composed YAML nodes into nodes with places."""

    def __init__(self, file: str, problems: Problems, column: int) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.file, self.problems, self.column = file, problems, column
        self.values = 0

    def read(self, node: Any, above: tuple[int, ...]) -> Node:
        place = self.place(node)
        self.values += 1  # those that aliases repeat too
        fault = (
            "an alias that contains itself" if id(node) in above
            else TOO_DEEP if len(above) >= DEEPEST
            else TOO_MANY if self.values > MOST_VALUES
            else None
        )  # fmt: skip
        if fault:
            self.problems.add(place, fault, fatal=True)
            self.values = MOST_VALUES + 1  # the rest is not looked at
            return Node(place, None, {})
        above = (*above, id(node))
        if isinstance(node, ScalarNode):
            return Node(place, self.scalar(node, place), {})
        self.check_tag(node, place)
        if isinstance(node, MappingNode):
            return self.mapping(node, place, above)
        return Node(place, [self.read(child, above) for child in self.within_limits(node.value)], {})

    def mapping(self, node: MappingNode, place: Place, above: tuple[int, ...]) -> Node:
        keys: dict[str, Place] = {}
        entries: dict[str, Node] = {}
        for key, value in self.within_limits(node.value):
            key_place = self.place(key)
            name = self.text(str(key.value), key_place) if isinstance(key, ScalarNode) else ""
            if not isinstance(key, ScalarNode):
                self.problems.add(key_place, "a key must be plain text")
            elif name == "<<":
                self.problems.add(key_place, "recipes have no merge key `<<`; write the keys, or `extends` a file")
            elif name in keys:
                self.problems.add(key_place, f"the key {short(name)} is already in line {keys[name].line}")
            else:
                keys[name], entries[name] = key_place, self.read(value, above)
        return Node(place, entries, keys)

    def within_limits(self, children: Iterable[Any]) -> Iterator[Any]:
        """The children, as long as there are not too many values: aliases may repeat them without end."""
        return takewhile(lambda child: self.values <= MOST_VALUES, children)

    def scalar(self, node: ScalarNode, place: Place) -> Any:
        if str(node.tag) in KINDS:
            try:
                return self.yaml.constructor.construct_object(node)
            except Exception:  # ruamel's own, of many classes: `!!int x`, `!!bool x`, numbers of 5,000 digits
                message = f"{shown(str(node.value))} cannot be read as {KINDS[str(node.tag)]}"
                self.problems.add(place, message, fatal=True)
                return None
        self.check_tag(node, place)
        text = self.text(str(node.value), place)
        if not REFERENCE.search(text):
            return text
        filled = self.text(REFERENCE.sub(lambda match: self.variable(match, place), text), place)
        if REFERENCE.fullmatch(text) and node.style is None:  # the whole value: a number may stand in a variable
            return parse(filled, self.file, Problems()).plain() if "\n" not in filled else filled
        return filled

    def check_tag(self, node: Any, place: Place) -> None:
        """See that no tag asks for another kind of value; what plain text is taken for by itself asks for none."""
        tag = str(node.tag)
        if tag not in KNOWN and tag != str(self.yaml.resolver.resolve(type(node), node.value, (True, False))):
            self.problems.add(place, f"the tag {tag.replace(YAML_TAG, '!!')} means nothing in a recipe; leave it out")

    def text(self, text: str, place: Place) -> str:
        """The text; told if escapes or variables brought what no file and no name can hold."""
        fault = NOT_TEXT.search(text)
        if fault:
            self.problems.add(place, f"the character U+{ord(fault[0]):04X} is no text; remove it")
        return NOT_TEXT.sub("\ufffd", text)  # so that messages on what it stands in can be written

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
