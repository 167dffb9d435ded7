"""Validate a recipe's values: structure, and whether the parts fit together; all problems at once."""

from dataclasses import dataclass, replace
from typing import Any, Generic

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gcnet_core.plugin_api import Registry
from gcnet_core.recipe.compatibility import Checked, incompatibilities
from gcnet_core.recipe.messages import sentence
from gcnet_core.recipe.problems import Place, Problems, suggestion
from gcnet_core.recipe.schema import Recipe
from gcnet_core.recipe.sections import Path, Section, sections
from gcnet_core.recipe.source import Node


@dataclass(frozen=True)
class Validated(Generic[Checked]):
    """A tree of values after its structure was checked.

    Args:
        value: the validated object; None if anything is wrong.
        known: its sections by path.
        wrong: paths of values that are wrong.
        unknown: paths of keys that nobody knows.
    """

    value: Checked | None
    known: dict[Path, Section]
    wrong: set[Path]
    unknown: set[Path]


def check(root: Node, registry: Registry, problems: Problems) -> Recipe | None:
    """Validate a merged recipe.

    Args:
        root: the tree of values.
        registry: where parts are looked up.
        problems: where everything wrong is told.

    Returns:
        The recipe; None if its structure is wrong.
    """
    structure = validated(Recipe, root, registry, problems)
    for problem in incompatibilities(_without(structure.known, structure.unknown), structure.wrong, registry):
        node, found = root.follow(problem.path)
        place = root.key_place(problem.path) if isinstance(node.content, dict) else node.place
        problems.add(place, problem.message, found)
    return structure.value


def validated(model: type[Checked], root: Node, registry: Registry, problems: Problems) -> Validated[Checked]:
    """Check the structure of a tree of values against the class that describes it.

    Args:
        model: the class of the whole tree.
        root: the tree of values.
        registry: where parts are looked up.
        problems: where everything wrong is told.
    """
    data = root.plain()
    known = {section.path: section for section in sections(model, data, registry)}
    value, wrong, unknown = None, set[Path](), set[Path]()
    try:
        value = model.model_validate(data, context={"registry": registry})
    except ValidationError as error:
        for path, errors in _by_place(error.errors(include_url=False), root).items():
            (unknown if errors[0]["type"] == "extra_forbidden" else wrong).add(path)
            problems.add(_place(path, errors, root), _message(path, errors, root, known), path)
    return Validated(value, known, wrong, unknown)


def _without(known: dict[Path, Section], unknown: set[Path]) -> dict[Path, Section]:
    """The sections without unknown keys, so that the rest can still be judged."""
    return {
        path: replace(
            section, value={key: entry for key, entry in section.value.items() if (*path, key) not in unknown}
        )
        for path, section in known.items()
    }


def _by_place(errors: list[ErrorDetails], root: Node) -> dict[Path, list[ErrorDetails]]:
    """Errors by the value they are about; pydantic's locations also name the members of unions."""
    places: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        location = error["loc"]
        if error["type"] in ("missing", "extra_forbidden"):
            path = location
        else:
            path = root.follow(location)[1]
        places.setdefault(path, []).append(error)
    return places


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


def _message(path: Path, errors: list[ErrorDetails], root: Node, known: dict[Path, Section]) -> str:
    kind = errors[0]["type"]
    section = known.get(path[:-1])
    if kind == "extra_forbidden":
        return f"unknown key {path[-1]}; {suggestion(path[-1], section.keys if section else ())}"
    if kind == "missing":
        field: Any = section.model.model_fields.get(str(path[-1])) if section else None
        return f"the key {path[-1]} is missing" + (f": {field.description}" if field and field.description else "")
    return sentence(errors, root.follow(path)[0].plain())
