"""Merging: `extends`, and `--set` on top of it."""

from collections.abc import Sequence
from pathlib import Path

from gcnet_core.recipe.problems import FLAG, Place, Problems
from gcnet_core.recipe.shipped import shipped_recipes
from gcnet_core.recipe.source import Node, mapping, parse


def read_file(path: Path, problems: Problems, chain: tuple[Path, ...] = ()) -> Node:
    """A recipe file with those it extends merged below it.

    Args:
        path: the file.
        problems: where faults are told.
        chain: files that led here, to find a circle.
    """
    node = parse(path.read_text(encoding="utf-8"), str(path), problems)
    if not isinstance(node.content, dict):
        problems.add(node.place, "a recipe is a mapping of keys to values", fatal=True)
        return mapping(node.place)
    base = node.child("extends")
    if base is None or base.content is None:
        return node
    name = str(base.content)
    target = path.parent / name
    if not target.is_file():
        target = shipped_recipes().get(name, target)
    here = (*chain, path.resolve())
    if target.resolve() in here:
        circle = " -> ".join(file.name for file in (*here, target))
        problems.add(base.place, f"extends goes in a circle: {circle}", ("extends",), fatal=True)
        return node
    if not target.is_file():
        reason = f"extends: no such file, and no shipped recipe of that name: {name}"
        problems.add(base.place, reason, ("extends",), fatal=True)
        return node
    return merge(read_file(target, problems, here), node)


def merge(base: Node, over: Node) -> Node:
    """Mappings are merged key by key, everything else is replaced.

    A mapping that selects another part (another `type`) replaces all of the old one: another part has other options.
    """
    if not isinstance(base.content, dict) or not isinstance(over.content, dict):
        return over
    types = [node.content["type"].content for node in (base, over) if "type" in node.content]
    if len(types) == 2 and types[0] != types[1]:
        return over
    content = dict(base.content)
    for key, node in over.content.items():
        content[key] = merge(content[key], node) if key in content else node
    if types and "type" in content:  # the selecting key stays first
        content = {"type": content["type"], **content}
    return Node(over.place, content, {**base.keys, **over.keys})


def apply_overrides(root: Node, overrides: Sequence[str], problems: Problems) -> Node:
    """Apply `--set KEY=VALUE` texts in order, the values read as YAML."""
    for text in overrides:
        file = FLAG + text
        path, equals, value = text.partition("=")
        keys = path.strip().split(".")
        start = Place(file, 1, 1)
        if not equals or not all(keys):
            problems.add(start, "expected KEY=VALUE, such as `--set training.batch_size=64`")
            continue
        known = len(problems.found)
        node = parse(value, file, problems, column=len(path) + 2)
        if len(problems.found) > known:
            continue
        if not value.strip():
            node = Node(Place(file, 1, len(path) + 2), None, {})
        root = _assign(root, keys, node, start, problems)
    return root


def _assign(node: Node, keys: list[str], value: Node, place: Place, problems: Problems) -> Node:
    if not keys:
        return merge(node, value)
    head, rest = keys[0], keys[1:]
    if isinstance(node.content, list):
        if not head.isdigit() or int(head) >= len(node.content):
            problems.add(place, f"{head} is not an index of a list of {len(node.content)} entries, counted from 0")
            return node
        items = list(node.content)
        items[int(head)] = _assign(items[int(head)], rest, value, place, problems)
        return Node(node.place, items, {})
    if not isinstance(node.content, dict):
        problems.add(place, f"{head} cannot be set: what is above it is the value {node.content!r}")
        return node
    child = node.child(head)
    if child is None or (child.content is None and rest):
        child = mapping(place)
    changed = Node(place, {head: _assign(child, rest, value, place, problems)}, {head: place})
    return merge(node, changed)
