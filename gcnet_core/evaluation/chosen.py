"""Which samples of its own data, or of others, a finished run is measured on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Int

from gcnet_core.data.cross_dataset import CrossDataset, no_common_class
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.images import images_of
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.trained_on import parts_of_own, seen_in_other, tell_other, tell_own
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe import Recipe
from gcnet_core.runs.trained_on import PARTS, TRAIN, TrainedOn, number_of
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


def own_samples(
    table: FaceTable,
    saved: SavedModel,
    recipe: Recipe,
    fold: int,
    split: Part,
    stored: TrainedOn | None,
    tell: Callable[[str], None] = lambda note: None,
) -> Chosen:
    """Samples of one part of a run's own data: the part that is stored with the run.

    Args:
        table: all faces.
        saved: the model.
        recipe: of the run.
        fold: that the run tested.
        split: the part.
        stored: what the run is trained on; None for one of an older gcnet, whose parts are drawn anew.
        tell: takes what is not as it was at the training.

    Raises:
        UserError: if nothing is left to measure.
    """
    rows, training = _rows_of(table, recipe, fold, split, stored, tell)
    known = table.labelled(rows)
    if len(known) < len(rows):
        tell(f"note: {number_of(len(rows) - len(known), 'image')} of no class of the model left out")
    indices = _usable(table, known, saved)
    if not len(indices):
        way = "; `split.validation` of the recipe holds people out of training" if split == "validation" else ""
        raise UserError(f"nothing to evaluate in {recipe.name}: no image of the {split} split{way}")
    return Chosen(indices, training, fold)


def _rows_of(
    table: FaceTable,
    recipe: Recipe,
    fold: int,
    split: Part,
    stored: TrainedOn | None,
    tell: Callable[[str], None],
) -> tuple[Int[np.ndarray, "sample"], Int[np.ndarray, "train"]]:
    """Rows of a part, and those that trained."""
    if stored is None:
        own = split_samples(table.samples, recipe.split, recipe.seed, fold)
        return getattr(own, split), own.train
    met = images_of(table)
    part, wanted = parts_of_own(stored, met), PARTS.index(split)
    tell_own(stored, met, part, wanted, tell)
    return np.flatnonzero(part == wanted), np.flatnonzero(part == TRAIN)


def other_samples(
    table: FaceTable,
    saved: SavedModel,
    data: CrossDataset,
    run: Path,
    stored: TrainedOn | None,
    tell: Callable[[str], None],
) -> tuple[Chosen, int]:
    """All samples of other data that have a class of the model, and show nothing of what it was trained on.

    Args:
        table: their faces.
        saved: the model.
        data: the other data.
        run: folder of the run.
        stored: what the run is trained on; None for one of an older gcnet.
        tell: takes what is left out for it.

    Returns:
        The samples, and how many were left out because the model knows them.

    Raises:
        UserError: if nothing is left to measure.
    """
    seen = np.zeros(len(table), dtype=bool)
    if stored is not None:
        met = images_of(table)
        seen = seen_in_other(stored, met)
        tell_other(met, seen, data.name, run, tell)
    known = table.labelled(np.flatnonzero(~seen))
    if not len(known):
        raise no_common_class(data, [sample.expression for sample in table.samples], saved.classes)
    indices = _usable(table, known, saved)
    if not len(indices):
        raise UserError(f"nothing to evaluate in {data.name}: no neutral picture can be given as reference")
    return Chosen(indices, indices, None), int(seen.sum())


def _usable(table: FaceTable, indices: Int[np.ndarray, "sample"], saved: SavedModel) -> Int[np.ndarray, "usable"]:
    """Without samples that lack a reference which the model needs, or an album that the recipe wants."""
    indices = table.with_album(indices)
    return table.with_true_reference(indices) if saved.part.config.needs_true_reference() else indices
