"""What a user names as data: a recipe, a shipped one, a folder, or a zip archive."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.data.archives import check_unpacked, is_archive
from gcnet_core.data.guess import ReadAs, read_folder
from gcnet_core.data.load import Listing, list_samples
from gcnet_core.plugin_api import ImageConfig, Part, Registry, UserError
from gcnet_core.recipe import Recipe, load_recipe

LIST = ".csv"
COLOR = ImageConfig(channels=3)


@dataclass(frozen=True)
class DataSource:
    """Data sets that a user named.

    Args:
        name: of the recipe, or of the folder.
        title: what a person reads above a report of them.
        data: the data sets.
        labels: other names for their expressions.
        recipe: that named them; None where a folder was named.
        read_as: which part reads the folder, and why; None where a recipe says it.
    """

    name: str
    title: str
    data: tuple[Part, ...]
    labels: Mapping[str, str | None]
    recipe: Recipe | None = None
    read_as: ReadAs | None = None

    def listing(self, registry: Registry, image: ImageConfig = COLOR) -> Listing:
        """The samples, and how they are read.

        Raises:
            MissingData: if files are not there.
            UserError: if a list or a name is wrong.
        """
        return list_samples(self.data, self.labels, image, registry)


def is_folder(source: str) -> bool:
    """Whether a source is a folder, an archive or a single list, so that a data set part is asked what lies in it."""
    place = Path(source)
    return place.is_dir() or is_archive(place) or place.suffix.lower() == LIST


def find_data(source: str, registry: Registry, *, kind: str | None = None, overrides: Sequence[str] = ()) -> DataSource:
    """The data of a recipe, or those in a folder or zip archive.

    Args:
        source: path of a folder, archive or recipe, or the name of a shipped recipe.
        registry: where parts are found.
        kind: name of the data set part that reads a folder, if the user says it.
        overrides: changes of the recipe, as `--set` takes them.

    Raises:
        RecipeError: if the recipe is wrong.
        UserError: if there is no such recipe, no data set part can read the folder, or an option is of the other sort.
    """
    place = Path(source)
    if is_folder(source):
        if overrides:
            raise UserError("--set changes a recipe; name a recipe, or leave it out")
        if place.is_file() and is_archive(place):
            check_unpacked(place)
        part, read_as = read_folder(place, registry, kind)
        return DataSource(place.resolve().name, f"{source}, {read_as}", (part,), {}, read_as=read_as)
    if kind:
        raise UserError("--type says how to read a folder; a recipe says it itself (data.type)")
    recipe = load_recipe(source, overrides, registry)
    return DataSource(recipe.name, recipe.name, recipe.data_sets, recipe.labels, recipe)
