"""The record of a run: of one fold, and of all folds together."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.splits import Split
from gcnet_core.evaluation.album_counts import counts_together
from gcnet_core.evaluation.calibration import calibration
from gcnet_core.evaluation.measure import Measurement, recognition
from gcnet_core.evaluation.trials import TrialsTogether
from gcnet_core.interfaces import Model
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Recipe, part_versions, recipe_hash
from gcnet_core.runs import EpochLog, Predictions, Run, SplitCounts, Summary
from gcnet_core.runs.files import METRICS
from gcnet_core.storage import versions


def fold_summary(
    folder: Path,
    recipe: Recipe,
    model: Model,
    table: FaceTable,
    split: Split,
    fold: int,
    measured: Measurement,
    validation: Predictions | None,
    device: torch.device,
    registry: Registry,
    *,
    smoke: bool,
) -> Summary:
    """The record of a run of one fold, whose seconds are not known yet.

    Args:
        folder: of the run, for the speed of its epochs.
        recipe: of the run.
        model: which was trained.
        table: all faces.
        split: the samples of each part.
        fold: which was tested.
        measured: on the test samples.
        validation: answers to the validation samples, if there are any.
        device: as it was chosen.
        registry: which knows where each part is from.
        smoke: whether only a few steps were made.
    """
    return Summary(
        recipe=recipe.name,
        status="smoke" if smoke else "done",
        seed=recipe.seed,
        fold=fold,
        classes=table.classes,
        test=measured.test,
        true_reference=measured.true_reference,
        generator=measured.generator,
        by_reference=measured.by_reference,
        album=measured.album,
        calibration=measured.calibration,
        validation=recognition(validation, recipe) if validation else None,
        validation_calibration=calibration(validation, measured.calibration.temperature) if validation else None,
        split={name: split_counts(table, getattr(split, name)) for name in ("train", "validation", "test")},
        parameters=parameter_counts(model),
        images_per_second=EpochLog(folder / METRICS).images_per_second(),
        threads=torch.get_num_threads(),
        device=str(device),
        recipe_hash=recipe_hash(recipe),
        versions=versions(),
        parts=part_versions(recipe, registry),
        seconds={},
    )


def all_folds_summary(recipe: Recipe, runs: Sequence[Run], together: TrialsTogether, seconds: float) -> Summary:
    """The record of a run over all folds.

    Args:
        recipe: of the run.
        runs: of the single folds, at least one.
        together: their figures together.
        seconds: which all of them took.
    """
    first = runs[0].summary
    return Summary(
        recipe=first.recipe,
        status=first.status,
        speed=first.speed,
        processes=first.processes,
        seed=first.seed,
        fold="all",
        classes=first.classes,
        test=together.metrics,
        true_reference=together.true_reference,
        generator=together.generator,
        by_reference=together.by_reference,
        album=counts_together([run.summary.album for run in runs]),
        folds=together.accuracies,
        mean_of_folds=together.mean_of_folds,
        mean_of_folds_interval=together.mean_of_folds_interval,
        parameters=first.parameters,
        threads=first.threads,
        device=first.device,
        recipe_hash=recipe_hash(recipe),
        versions=versions(),
        parts=first.parts,
        seconds={"total": seconds},
        notes=first.notes,
    )


def split_counts(table: FaceTable, indices: np.ndarray) -> SplitCounts:
    """Number of images and of subjects among some samples."""
    subjects = {table.samples[row].subject for row in indices}
    return SplitCounts(images=len(indices), subjects=len(subjects))


def parameter_counts(model: Model) -> dict[str, int]:
    """Number of parameters of each part, and in all."""
    counts = {"total": sum(weight.numel() for weight in model.parameters())}
    for name, part in model.named_children():
        counts[name] = sum(weight.numel() for weight in part.parameters())
    return counts
