"""From a file, or the name of a shipped recipe, to a validated recipe; and back to text."""

import hashlib
import io
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gcnet_core.plugin_api import Registry, UserError, discover, expanded
from gcnet_core.recipe.check import check, validated
from gcnet_core.recipe.merge import apply_overrides, read_file
from gcnet_core.recipe.new_stages import without_misspelt_stages
from gcnet_core.recipe.problems import VARY, Place, Problems, RecipeError, RecipeProblem, suggestion
from gcnet_core.recipe.run_name import check_name
from gcnet_core.recipe.schema import Recipe
from gcnet_core.recipe.shipped import FOLDER, shipped_files, shipped_recipes
from gcnet_core.recipe.tree import Node

WITHOUT_EFFECT = frozenset({"name", "summary", "report", "extends"})


def load_recipe(
    source: str | Path,
    overrides: Sequence[str] = (),
    registry: Registry | None = None,
    *,
    vary: Sequence[str] = (),
    before_data: Callable[[Recipe], None] = lambda recipe: None,
    stored: bool = False,
) -> Recipe:
    """Read, merge and validate a recipe.

    Args:
        source: path of a file, or name of a shipped recipe such as `ar/vae_resnet`.
        overrides: texts `KEY=VALUE`, as `--set` takes them.
        registry: where parts are looked up; default: all installed ones.
        vary: the same, as `--vary` makes them.
        before_data: called with the recipe when its structure is right and its data, which may be many, are about to be
            listed: the place for checks that cost nothing.
        stored: whether the file is one that gcnet wrote itself, so that nobody is told of old names in it.

    Raises:
        RecipeError: with every problem at its file, line and column.
        UserError: if there is no such file.
    """
    path, problems = find_recipe(source), Problems()
    root = _merged(path, overrides, problems, vary)
    recipe = check(root, registry or discover(), problems, lambda found: before_data(_named(found, path)))
    problems.log_notes(without_file=path if stored else None)
    problems.raise_any()
    assert recipe is not None
    return _named(recipe, path)


def stored_recipe(path: Path, registry: Registry) -> Recipe:
    """The recipe that is stored with a run; its data, which may be elsewhere by now, are not looked at.

    Raises:
        RecipeError: if it is none, or a part is not installed.
    """
    problems = Problems()
    recipe = validated(Recipe, _merged(path, (), problems), registry, problems).value
    problems.raise_any()
    assert recipe is not None
    return _named(recipe, path)


def _merged(path: Path, overrides: Sequence[str], problems: Problems, vary: Sequence[str] = ()) -> Node:
    written = read_file(path, problems)
    if problems.fatal:
        problems.raise_any()
    root = apply_overrides(apply_overrides(written, overrides, problems), vary, problems, VARY)
    return without_misspelt_stages(root, written, problems)


def _named(recipe: Recipe, path: Path) -> Recipe:
    name = recipe.name or recipe_name(path)
    try:
        check_name(name)
    except ValueError as error:
        problem = RecipeProblem(Place(str(path), 1, 1), f"`name` is missing, and that of the file will not do: {error}")
        raise RecipeError([problem]) from error
    return recipe.model_copy(update={"extends": None, "name": name})


def find_recipe(source: str | Path) -> Path:
    """The file of a recipe: an existing path, otherwise the shipped one of that name.

    Raises:
        UserError: with the nearest name, if there is neither.
    """
    path = Path(expanded(str(source)))
    if os.path.isfile(path):  # which never raises: names of 300 bytes, links in a circle
        return path
    if os.path.exists(path):
        raise UserError(f"{source}: this is {'a folder' if path.is_dir() else 'no regular file'}; a recipe is a file")
    shipped = shipped_recipes()
    name = path.with_suffix("").as_posix() if path.suffix in (".yaml", ".yml") else path.as_posix()
    name = name.removeprefix("./").removeprefix(f"{FOLDER}/")
    if name in shipped:
        return shipped[name]
    if name in shipped_files():
        raise UserError(f"{source}: a base, which a recipe extends (`extends: {name}`); it is no recipe to run")
    raise UserError(f"{source}: no such file, and no shipped recipe of that name; {suggestion(name, shipped)}")


def recipe_name(path: Path) -> str:
    """The path below a folder called `recipes`, without suffix; the stem if there is none."""
    parts = Path(os.path.normpath(path)).with_suffix("").parts
    for folder in (FOLDER, "shipped_recipes"):
        if folder in parts:
            return "/".join(parts[len(parts) - parts[::-1].index(folder) :])
    return path.stem


def resolved(recipe: Recipe) -> dict[str, Any]:
    """All values of a recipe, defaults filled in, as they would be written."""
    return recipe.model_dump(mode="json", exclude={"extends"})


def dump_recipe(recipe: Recipe) -> str:
    """YAML text that loads as the same recipe."""
    yaml = YAML()
    yaml.default_flow_style = False
    text = io.StringIO()
    yaml.dump(resolved(recipe), text)
    return text.getvalue()


def recipe_hash(recipe: Recipe) -> str:
    """12 hexadecimal digits that depend on every value that can change a result."""
    values = {key: value for key, value in resolved(recipe).items() if key not in WITHOUT_EFFECT}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
