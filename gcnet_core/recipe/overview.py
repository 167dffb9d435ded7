"""What a list of recipes shows of each: written values alone, so that no data are listed and nothing is validated."""

from dataclasses import dataclass
from pathlib import Path

from gcnet_core.recipe.merge import read_file
from gcnet_core.recipe.problems import Problems, RecipeError
from gcnet_core.recipe.tree import Node


@dataclass(frozen=True)
class Overview:
    """A recipe in one line.

    Args:
        summary: as written.
        data: types of the data sets.
        model: type of the model.
        broken: why the file cannot be read; empty if it can.
    """

    summary: str = ""
    data: str = ""
    model: str = ""
    broken: str = ""


def overview(path: Path) -> Overview:
    """Read and merge a recipe, without validation.

    Args:
        path: of the file.
    """
    problems = Problems()
    root = read_file(path, problems)
    data, model = _types(root, "data", problems), _types(root, "model", problems)
    try:
        problems.raise_any()
    except RecipeError as error:
        return Overview(broken=str(error))
    return Overview(str(root.plain().get("summary", "")), ", ".join(data), ", ".join(model))


def _types(root: Node, key: str, problems: Problems) -> list[str]:
    """The types of the parts that are chosen under a key, one or several."""
    chosen = root.child(key)
    entries = chosen.content if chosen and isinstance(chosen.content, list) else [chosen]
    types = [entry.child("type") if entry else None for entry in entries]
    if not all(types):
        problems.add(chosen.place if chosen else root.place, f"no type of {key} is written", (key,))
    return [str(name.content) for name in types if name]
