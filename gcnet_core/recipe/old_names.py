"""Keys and values that an older gcnet called otherwise: renamed where they are written, and told."""

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from gcnet_core.plugin_api import Options, Registry, part_field
from gcnet_core.recipe.merge import merge
from gcnet_core.recipe.problems import Problems
from gcnet_core.recipe.sections import Path, nested
from gcnet_core.recipe.tree import Node

UNDERSTOOD = "the old name is understood in this version"


def with_names_of_today(node: Node, model: type[BaseModel], registry: Registry, problems: Problems) -> Node:
    """A mapping, and all inside it, with the names of today at the places where the old ones are written.

    Args:
        node: a tree of values.
        model: the class that checks it.
        registry: where parts are looked up.
        problems: where each old name is told, and as a mistake an old name beside the new one in the same text.
    """
    if issubclass(model, Options):
        for old, new in model.old_keys().items():
            node = _with_key(node, old, new, problems)
        for key, words in model.old_values().items():
            node = _with_value(node, key, words, problems)
        for old, (part, option) in model.moved().items():
            node = _with_moved(node, old, part, option, model, problems)
    node = _with_parts_as_mappings(node, model)
    for path, inner, _ in nested(model, node.plain(), registry):
        below, _ = node.follow(path)
        node = _replaced(node, path, with_names_of_today(below, inner, registry, problems))
    return node


def _with_key(node: Node, old: str, new: str, problems: Problems) -> Node:
    if old not in node.content:
        return node
    place, value = node.keys[old], node.content[old]
    content, keys = dict(node.content), dict(node.keys)
    if new not in content:
        content = {new if key == old else key: entry for key, entry in content.items()}
        keys = {new if key == old else key: entry for key, entry in keys.items()}
    elif keys[new].file == place.file:
        problems.add(place, f"`{old}` is called `{new}` now, and that stands here too; leave out `{old}`", (old,))
        return _without(node, old)
    else:  # the keys of a mapping stand in the order in which files and overrides wrote them
        old_is_later = list(keys).index(old) > list(keys).index(new)
        content[new] = merge(content[new], value) if old_is_later else merge(value, content[new])
        keys[new] = place if old_is_later else keys[new]
        content.pop(old), keys.pop(old)
    problems.note(place, f"`{old}` is called `{new}` now; {UNDERSTOOD}")
    return Node(node.place, content, keys)


def _without(node: Node, key: str) -> Node:
    return Node(
        node.place,
        {name: value for name, value in node.content.items() if name != key},
        {name: place for name, place in node.keys.items() if name != key},
    )


def _with_moved(node: Node, old: str, part: str, option: str, model: type[Options], problems: Problems) -> Node:
    """The key becomes an option of a part, which takes its default type where it is not written."""
    if old not in node.content:
        return node
    place, value = node.keys[old], node.content[old]
    node = _without(node, old)
    problems.note(place, f"`{old}` is called `{part}.{option}` now; {UNDERSTOOD}")
    if not value.content:  # that nothing is asked of the part is its default
        return node
    chosen = node.content.get(part) or _as_part(Node(place, model.model_fields[part].default["type"], {}))
    chosen = _as_part(chosen)
    if not isinstance(chosen.content, dict):
        return node
    content, keys = {option: value, **chosen.content}, {option: place, **chosen.keys}  # what is written there holds
    whole = Node(chosen.place, {"type": content.get("type"), **content} if "type" in content else content, keys)
    return Node(node.place, {**node.content, part: whole}, {part: place, **node.keys})


def _with_parts_as_mappings(node: Node, model: type[BaseModel]) -> Node:
    """A part that is written by its name alone becomes a mapping with its type."""
    for name, field in model.model_fields.items():
        mark, value = part_field(field.metadata), node.child(name)
        if mark and value is not None:
            if mark.many and isinstance(value.content, list):
                entries = replace(value, content=[_as_part(entry) for entry in value.content])
                node = _replaced(node, (name,), entries)
            else:
                node = _replaced(node, (name,), _as_part(value))
    return node


def _as_part(node: Node) -> Node:
    return Node(node.place, {"type": node}, {"type": node.place}) if isinstance(node.content, str) else node


def _with_value(node: Node, key: str, words: Any, problems: Problems) -> Node:
    value = node.child(key)
    word = value.content if value else None
    if value is None or not isinstance(word, str) or word not in words:
        return node
    today = words[word]
    problems.note(value.place, f"`{key}: {word}` is called `{key}: {today or 'null'}` now; {UNDERSTOOD}")
    return _replaced(node, (key,), replace(value, content=today))


def _replaced(node: Node, path: Path, inner: Node) -> Node:
    """The tree with another node on a path."""
    if not path:
        return inner
    head, rest = path[0], path[1:]
    content = dict(node.content) if isinstance(node.content, dict) else list(node.content)
    content[head] = _replaced(content[head], rest, inner)
    return replace(node, content=content)
