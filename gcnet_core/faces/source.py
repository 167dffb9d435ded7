"""What `gcnet data prepare` is given: a recipe, a data set, or photographs that nobody labelled."""

from pathlib import Path

from gcnet_core.data.guess import dataset_in
from gcnet_core.data.load import Listing, list_samples
from gcnet_core.faces.photographs import SUFFIXES, list_photographs
from gcnet_core.plugin_api import ImageConfig, Registry, UserError
from gcnet_core.recipe import load_recipe, shipped_recipes

RECIPES = (".yaml", ".yml")


def pictures_in(source: str, registry: Registry, kind: str | None = None) -> tuple[str, Listing]:
    """A title, and the pictures with whatever is known of them.

    Args:
        source: path of a folder, archive, picture or recipe, or the name of a shipped recipe.
        registry: where data sets are found.
        kind: name of the data set part that reads a folder, if the user says it.

    Raises:
        UserError: if there is nothing to read.
    """
    place, colour = Path(source), ImageConfig(channels=3)
    if place.is_file() and place.suffix.lower() in SUFFIXES:
        return source, list_photographs(place)
    if not place.is_dir() and place.suffix.lower() != ".zip":
        if kind:
            raise UserError("--type says how to read a folder; a recipe says it itself (data.type)")
        if not place.exists() and place.suffix not in RECIPES and source not in shipped_recipes():
            raise UserError(f"{source}: no such folder, picture, archive or recipe")
        recipe = load_recipe(source, registry=registry)
        return recipe.name, list_samples(recipe.data_sets, recipe.labels, colour, registry)
    try:
        part = dataset_in(place, registry, kind)
    except UserError:
        if kind or not place.is_dir():
            raise
        return f"{source}, photographs without labels", list_photographs(place)
    return f"{source}, read as {part.type}", list_samples([part], {}, colour, registry)
