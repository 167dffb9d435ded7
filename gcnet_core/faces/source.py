"""What `gcnet data prepare` is given: a recipe, a data set, or photographs that nobody labelled."""

from dataclasses import dataclass
from pathlib import Path

from gcnet_core.data.folders import pictures_left_out
from gcnet_core.data.guess import NotLabelled, ReadAs
from gcnet_core.data.load import Listing, left_out
from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.data.source import find_data
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.plugin_api import LeftOut, Registry, UserError
from gcnet_core.recipe import shipped_recipes

RECIPES = (".yaml", ".yml")


@dataclass(frozen=True)
class FoundPictures:
    """Pictures in which faces are sought.

    Args:
        title: what a person reads above a report of them.
        listing: the pictures with whatever is known of them.
        read_as: how a folder was read, and why; None where a recipe says it.
        left_out: pictures in the folder that are not among them.
    """

    title: str
    listing: Listing
    read_as: ReadAs | None = None
    left_out: tuple[LeftOut, ...] = ()


def pictures_in(source: str, registry: Registry, kind: str | None = None) -> FoundPictures:
    """The pictures of a data set; where nothing in a folder says what they show, all pictures below it.

    Args:
        source: path of a folder, archive, picture or recipe, or the name of a shipped recipe.
        registry: where data sets are found.
        kind: name of the data set part that reads a folder, if the user says it.

    Raises:
        UserError: if there is nothing to read, or a list that says what the pictures show is wrong.
    """
    place = Path(source)
    if place.is_file() and place.suffix.lower() in PICTURE_SUFFIXES:
        return FoundPictures(source, list_photographs(place))
    if not (place.exists() or kind or place.suffix in RECIPES or source in shipped_recipes()):
        raise UserError(f"{source}: no such folder, picture, archive or recipe")
    try:
        data = find_data(source, registry, kind=kind)
    except NotLabelled as error:
        if not place.is_dir():
            raise
        read_as = ReadAs("photographs", f"without labels, because {error.why}")
        return FoundPictures(f"{source}, {read_as}", list_photographs(place), read_as, pictures_left_out(place))
    others = tuple(file for file in left_out(data.data) if not file.expected) if data.read_as else ()
    return FoundPictures(data.title, data.listing(registry), data.read_as, others)
