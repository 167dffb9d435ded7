"""Other data than those of its recipe, on which a trained model is measured too."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from gcnet_core.data.guess import ReadAs
from gcnet_core.data.load import Listing, list_samples
from gcnet_core.data.source import find_data
from gcnet_core.plugin_api import ImageConfig, Part, Registry, UserError, ordered_classes, relabel

ADDED = frozenset({"weight", "train_only", "instructions"})
"""Options of a data set that say nothing about what is in it."""


@dataclass(frozen=True)
class CrossDataset:
    """Data sets that are tested as a whole.

    Args:
        name: of the recipe, or of the folder.
        source: as the user gave it.
        data: the data sets.
        labels: other names for their expressions.
        read_as: which part reads the folder, and why; None where a recipe says it.
    """

    name: str
    source: str
    data: tuple[Part, ...]
    labels: Mapping[str, str | None]
    read_as: ReadAs | None = None

    @property
    def slug(self) -> str:
        """The name as a part of a file's name."""
        return re.sub(r"[^\w.=-]+", "_", self.name).strip("._")

    def listing(self, labels: Mapping[str, str | None], image: ImageConfig, registry: Registry) -> Listing:
        """The samples as a model sees them.

        Args:
            labels: of the model's recipe, which hold for everything that it meets.
            image: what the model expects.
            registry: where parts are found.

        Raises:
            MissingData: if files are not there.
            UserError: if a list or a name is wrong.
        """
        listing = list_samples(self.data, self.labels, image, registry)
        return replace(listing, samples=tuple(relabel(listing.samples, labels)))

    def dump(self) -> dict[str, Any]:
        """What decides its content, to be compared."""
        return {"data": [_content(part) for part in self.data], "labels": dict(self.labels)}


def cross_dataset(source: str, registry: Registry) -> CrossDataset:
    """The data of another recipe, or those in a folder or zip archive.

    Raises:
        RecipeError: if the recipe is wrong.
        UserError: if there is no such recipe, or no data set part can read the folder.
    """
    found = find_data(source, registry)
    return CrossDataset(found.name, source, found.data, found.labels, found.read_as)


def no_common_class(other: CrossDataset, found: Sequence[str], known: Sequence[str]) -> UserError:
    """The error to raise when a model knows none of the expressions that it meets.

    Args:
        other: the data.
        found: their expressions.
        known: those of the model.
    """
    return UserError(
        f"{other.name}: none of its expressions, {', '.join(ordered_classes(found))}, is one of the model's, "
        f"{', '.join(known)}; `labels` in a recipe renames them, such as `labels: {{smile: happiness}}`"
    )


def overlap(own: Sequence[Part], tested: Sequence[Part]) -> Literal["none", "same", "some"]:
    """Whether a model that trains on some data sets would meet its own people in others.

    Args:
        own: data sets of the model's recipe.
        tested: the other ones.

    Returns:
        `same` if they are the very data that its recipe divides into training and test people, `some` if they hold
        any of its data sets.
    """
    divided = [_content(part) for part in own if not part.config.train_only]
    if divided == [_content(part) for part in tested]:
        return "same"
    own_places, tested_places = {_place(part) for part in own}, {_place(part) for part in tested}
    return "some" if own_places & tested_places else "none"


def _content(part: Part) -> dict[str, Any]:
    return {key: value for key, value in part.dump().items() if key not in ADDED}


def _place(part: Part) -> str:
    """Where a data set lies; one without files is known by all its options."""
    folder = getattr(part.config, "folder", None)
    return str(_content(part)) if folder is None else str(Path(folder).resolve())
