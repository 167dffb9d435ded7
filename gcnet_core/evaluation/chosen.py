"""Which samples of its own data, or of others, a finished run is measured on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int

from gcnet_core.data.cross_dataset import CrossDataset, no_common_class
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.splits import split_samples
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe import Recipe
from gcnet_core.storage import SavedModel

Part = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Chosen:
    """What is measured.

    Args:
        indices: samples.
        training: samples whose references make the mean face.
        fold: of the run, if they are its own.
    """

    indices: Int[np.ndarray, "sample"]
    training: Int[np.ndarray, "train"]
    fold: int | None


def own_samples(table: FaceTable, saved: SavedModel, recipe: Recipe, fold: int, split: Part) -> Chosen:
    """Samples of one part of a run's own data.

    Args:
        table: all faces.
        saved: the model.
        recipe: of the run.
        fold: that the run tested.
        split: the part.

    Raises:
        UserError: if nothing is left to measure.
    """
    own = split_samples(table.samples, recipe.split, recipe.seed, fold)
    indices = _usable(table, table.labelled(getattr(own, split)), saved)
    if not len(indices):
        way = "; `split.validation` of the recipe holds people out of training" if split == "validation" else ""
        raise UserError(f"nothing to evaluate in {recipe.name}: no image of the {split} split{way}")
    return Chosen(indices, own.train, fold)


def other_samples(table: FaceTable, saved: SavedModel, data: CrossDataset) -> Chosen:
    """All samples of other data that have a class of the model.

    Args:
        table: their faces.
        saved: the model.
        data: the other data.

    Raises:
        UserError: if nothing is left to measure.
    """
    known = table.labelled(np.arange(len(table)))
    if not len(known):
        raise no_common_class(data, [sample.expression for sample in table.samples], saved.classes)
    indices = _usable(table, known, saved)
    if not len(indices):
        raise UserError(f"nothing to evaluate in {data.name}: no neutral picture can be given as reference")
    return Chosen(indices, indices, None)


def _usable(table: FaceTable, indices: Int[np.ndarray, "sample"], saved: SavedModel) -> Int[np.ndarray, "usable"]:
    """Without samples that lack a reference which the model needs, or an album that the recipe wants."""
    indices = table.with_album(indices)
    return table.with_true_reference(indices) if saved.part.config.needs_true_reference() else indices
