"""Merging: `extends`, and `--set` on top of it."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gcnet_core.plugin_api import expanded
from gcnet_core.plugin_api.messages import shown
from gcnet_core.recipe.compose import DEEPEST, TOO_DEEP
from gcnet_core.recipe.problems import FLAG, Place, Problems
from gcnet_core.recipe.shipped import shipped_files
from gcnet_core.recipe.source import parse
from gcnet_core.recipe.text import read_text, unprintable
from gcnet_core.recipe.tree import Node, mapping


def read_file(
    path: Path, problems: Problems, chain: tuple[Path, ...] = (), known: dict[Path, Node] | None = None
) -> Node:
    """A recipe file with those it extends merged below it, the first of them lowest.

    Args:
        path: the file.
        problems: where faults are told.
        chain: files that led here, to find a circle.
        known: files that were read before with those below them, so that none is read twice.
    """
    known = {} if known is None else known
    here = (*chain, path.resolve())
    if here[-1] not in known:
        known[here[-1]] = _read(path, problems, here, known)
    return known[here[-1]]


def _read(path: Path, problems: Problems, here: tuple[Path, ...], known: dict[Path, Node]) -> Node:
    node = parse(read_text(path, problems), str(path), problems)
    if not isinstance(node.content, dict):
        problems.add(node.place, "a recipe is a mapping of keys to values", fatal=True)
        return mapping(node.place)
    merged: Node | None = None
    for key_path, entry in _extended(node):
        target = _base_file(path.parent, key_path, entry, here, problems)
        if target:
            base = read_file(target, problems, here, known)
            merged = merge(merged, base) if merged else base
    return merge(merged, node) if merged else node


def _extended(node: Node) -> list[tuple[tuple[Any, ...], Node]]:
    """What a recipe extends, one or several, each with its path from the root."""
    extends = node.child("extends")
    if extends is None or extends.content is None:
        return []
    if isinstance(extends.content, list):
        return [(("extends", index), entry) for index, entry in enumerate(extends.content)]
    return [(("extends",), extends)]


def _base_file(
    folder: Path, key_path: tuple[Any, ...], entry: Node, here: tuple[Path, ...], problems: Problems
) -> Path | None:
    """The file that an entry of `extends` names: beside the recipe, otherwise a shipped one; None if there is none."""
    if isinstance(entry.content, dict | list) or entry.content is None:
        reason = f"extends: expected a file or the name of a shipped recipe, not {shown(entry.plain())}"
        problems.add(entry.place, reason, key_path, fatal=True)
        return None
    name = str(entry.content)
    target = folder / expanded(name)
    if not os.path.isfile(target):  # which is false for pipes and links in a circle too, and never raises
        target = shipped_files().get(name, target)
    if not os.path.isfile(target):
        reason = f"extends: no such file, and no shipped recipe of that name: {name}"
        problems.add(entry.place, reason, key_path, fatal=True)
        return None
    if target.resolve() in here:
        circle = " -> ".join(file.name for file in (*here, target))
        problems.add(entry.place, f"extends goes in a circle: {circle}", key_path, fatal=True)
        return None
    if len(here) >= DEEPEST:
        problems.add(entry.place, f"extends: more than {DEEPEST} files on top of each other", key_path, fatal=True)
        return None
    return target


def merge(base: Node, over: Node) -> Node:
    """Mappings are merged key by key, everything else is replaced.

    A mapping that selects another part (another `type`) replaces all of the old one: another part has other options.
    """
    if not isinstance(base.content, dict) or not isinstance(over.content, dict) or _selects_another(base, over):
        return over
    content = dict(base.content)
    for key, node in over.content.items():
        content[key] = merge(content[key], node) if key in content else node
    if "type" in content:  # the selecting key stays first
        content = {"type": content["type"], **content}
    earlier = {key: place for key, place in base.keys.items() if key not in over.keys}
    return Node(over.place, content, {**earlier, **over.keys})  # last those that were written last, see old_names


def _selects_another(base: Node, over: Node) -> bool:
    """Whether two mappings select two different parts."""
    old, new = base.child("type"), over.child("type")
    return old is not None and new is not None and old.content != new.content


def apply_overrides(root: Node, overrides: Sequence[str], problems: Problems, flag: str = FLAG) -> Node:
    """Apply texts KEY=VALUE, of `--set` or of the option that `flag` names, in order, the values read as YAML."""
    for text in overrides:
        file = flag + text
        path, equals, value = text.partition("=")
        keys = path.strip().split(".")
        start = Place(file, 1, 1)
        fault = unprintable(text, file)
        if fault or len(keys) > DEEPEST:
            problems.add(*(fault or (start, TOO_DEEP)))
            continue
        if not equals or not all(keys):
            example = ", such as `--set training.batch_size=64`" if flag == FLAG else ""
            problems.add(start, f"expected KEY=VALUE{example}")
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
