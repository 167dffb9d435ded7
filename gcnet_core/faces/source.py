"""What `gcnet data prepare` is given: a recipe, a data set, or photographs that nobody labelled."""

from pathlib import Path

from gcnet_core.data.load import Listing
from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.data.source import find_data
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import shipped_recipes

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
    place = Path(source)
    if place.is_file() and place.suffix.lower() in PICTURE_SUFFIXES:
        return source, list_photographs(place)
    if not (place.exists() or kind or place.suffix in RECIPES or source in shipped_recipes()):
        raise UserError(f"{source}: no such folder, picture, archive or recipe")
    try:
        data = find_data(source, registry, kind=kind)
    except UserError:
        if kind or not place.is_dir():
            raise
        return f"{source}, photographs without labels", list_photographs(place)
    return data.title, data.listing(registry)
