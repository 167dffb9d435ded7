"""A recipe as a tree of values in which every key and value knows its place."""

from dataclasses import dataclass
from typing import Any

from gcnet_core.recipe.problems import Place


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
