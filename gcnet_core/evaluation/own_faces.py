"""The faces of a run's own data, as the model is shown them, with what they show."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int, UInt8

from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.evaluation.chosen import Part, own_samples
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import load_recipe
from gcnet_core.runs.files import RECIPE
from gcnet_core.runs.trained_on import read_trained_on
from gcnet_core.storage import SavedModel


@dataclass(frozen=True)
class LabelledFaces:
    """Faces whose expression is known.

    Args:
        faces: prepared, 0 to 255.
        labels: index of each expression among the classes of the model.
    """

    faces: UInt8[np.ndarray, "face channel height width"]
    labels: Int[np.ndarray, "face"]

    def some(self, count: int) -> "LabelledFaces":
        """So many of them at most, spread over all."""
        rows = np.unique(np.linspace(0, len(self.faces) - 1, count).round().astype(int))
        return LabelledFaces(self.faces[rows], self.labels[rows])


def own_faces(run: Path, saved: SavedModel, registry: Registry) -> dict[Part, LabelledFaces]:
    """The training and the test faces of a run of one fold.

    Args:
        run: its folder.
        saved: its model.
        registry: where its data set is found.

    Raises:
        UserError: if there is no recipe, or the data are not there any more (`MissingData`).
    """
    if not (run / RECIPE).is_file():
        raise UserError(f"{run}: no {RECIPE}, which would say what it was trained on")
    recipe = load_recipe(run / RECIPE, (), registry, stored=True)
    listing = list_samples(recipe.data_sets, recipe.labels, saved.image, registry)
    table = load_faces(listing, saved.image, saved.classes)
    fold = 0 if recipe.split.fold == "all" else recipe.split.fold
    stored = read_trained_on(run)
    found: dict[Part, LabelledFaces] = {}
    parts: tuple[Part, ...] = ("train", "test")
    for part in parts:
        rows = torch.as_tensor(own_samples(table, saved, recipe, fold, part, stored).indices)
        found[part] = LabelledFaces(table.images[table.query[rows]].numpy(), table.label[rows].numpy())
    return found
