"""Validate a recipe's values: structure, and whether the parts fit together; all problems at once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gcnet_core.plugin_api import Part, Registry
from gcnet_core.plugin_api.messages import by_place, sentence, short
from gcnet_core.recipe.compatibility import incompatibilities
from gcnet_core.recipe.old_names import with_names_of_today
from gcnet_core.recipe.problems import Place, Problems, suggestion
from gcnet_core.recipe.schema import Recipe
from gcnet_core.recipe.sections import Path, Section, Sections, sections
from gcnet_core.recipe.tree import Node

Checked = TypeVar("Checked", bound=BaseModel)


@dataclass(frozen=True)
class Validated(Generic[Checked]):
    """A tree of values after its structure was checked.

    Args:
        value: the validated object; None if anything is wrong.
        root: the tree, with the names of today.
        sections: its mappings by path, each with its validated options where nothing in it is wrong.
    """

    value: Checked | None
    root: Node
    sections: Sections


def check(root: Node, registry: Registry, problems: Problems, before_data: Callable[[Recipe], None]) -> Recipe | None:
    """Validate a merged recipe.

    Args:
        root: the tree of values.
        registry: where parts are looked up.
        problems: where everything wrong is told.
        before_data: called once nothing but the parts' fitting together is left to be checked, for which the data are
            listed; that may take a while.

    Returns:
        The recipe; None if its structure is wrong.
    """
    structure = validated(Recipe, root, registry, problems)
    if structure.value is not None and not problems.found:
        before_data(structure.value)
    for problem in incompatibilities(structure.sections):
        node, found = structure.root.follow(problem.path)
        place = structure.root.key_place(problem.path) if isinstance(node.content, dict) else node.place
        problems.add(place, problem.message, found)
    return structure.value


def validated(model: type[Checked], root: Node, registry: Registry, problems: Problems) -> Validated[Checked]:
    """Check the structure of a tree of values against the class that describes it.

    Everything is validated once, as a whole. Only where something is wrong, the sections are validated once more, each
    by itself and without unknown keys, so that those which are right can still be judged.

    Args:
        model: the class of the whole tree.
        root: the tree of values.
        registry: where parts are looked up.
        problems: where everything wrong, and every old name, is told.
    """
    root = with_names_of_today(root, model, registry, problems)
    data, context = root.plain(), {"registry": registry}
    known = {section.path: section for section in sections(model, data, registry)}
    for path, section in known.items():
        fault = registry.missing_class(section.kind, section.value["type"]) if section.kind else None
        if fault:
            place = (*path, "type")
            problems.add(root.follow(place)[0].place, fault, place)
    try:
        value = model.model_validate(data, context=context)
    except ValidationError as error:
        places = by_place(error.errors(include_url=False), lambda path: root.follow(path)[1])
        for path, errors in places.items():
            problems.add(_place(path, errors, root), _message(path, errors, root, known), path)
        unknown = {path for path, errors in places.items() if errors[0]["type"] == "extra_forbidden"}
        wrong = places.keys() - unknown
        apart = {}
        for section in sections(model, _pruned(data, unknown), registry):
            apart[section.path] = replace(section, config=_validated_apart(section, wrong, context))
        return Validated(None, root, apart)
    right = {path: replace(section, config=_config_at(value, path)) for path, section in known.items()}
    return Validated(value, root, right)


def _config_at(value: Any, path: Path) -> Any:
    """The validated options of a section inside a validated object."""
    for key in path:
        value = getattr(value, key) if isinstance(value, BaseModel) else value[key]
        value = value.config if isinstance(value, Part) else value
    return value


def _pruned(value: Any, unknown: set[Path], path: Path = ()) -> Any:
    """Values without the keys that nobody knows."""
    if isinstance(value, list):
        return [_pruned(entry, unknown, (*path, index)) for index, entry in enumerate(value)]
    if not isinstance(value, dict):
        return value
    return {key: _pruned(entry, unknown, (*path, key)) for key, entry in value.items() if (*path, key) not in unknown}


def _validated_apart(section: Section, wrong: set[Path], context: dict[str, Any]) -> Any:
    """The options of one section; None if anything in it is wrong."""
    if any(path[: len(section.path)] == section.path for path in wrong):
        return None
    try:
        return section.model.model_validate(section.options(), context=context)
    except ValidationError:
        return None


def _place(path: Path, errors: list[ErrorDetails], root: Node) -> Place:
    kind = errors[0]["type"]
    if kind == "extra_forbidden":
        return root.key_place(path)
    if kind == "missing":
        return root.key_place(path[:-1]) if len(path) > 1 else root.place
    if kind == "part_unknown":
        return root.follow((*path, "type"))[0].place
    if kind == "part_type_missing":
        return root.key_place(path)
    return root.follow(path)[0].place


def _message(path: Path, errors: list[ErrorDetails], root: Node, known: Sections) -> str:
    kind = errors[0]["type"]
    section = known.get(path[:-1])
    if kind == "extra_forbidden":
        return f"unknown key {short(str(path[-1]))}; {suggestion(path[-1], section.keys if section else ())}"
    if kind == "missing":
        field: Any = section.model.model_fields.get(str(path[-1])) if section else None
        return f"the key {path[-1]} is missing" + (f": {field.description}" if field and field.description else "")
    return sentence(errors, root.follow(path)[0].plain())
