"""Measure a finished run again: on its own subjects, or on other data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from gcnet_core.data.align import align_references
from gcnet_core.data.cross_dataset import CrossDataset, no_common_class, overlap
from gcnet_core.data.faces import UNKNOWN
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import split_samples
from gcnet_core.evaluation.evaluate import generator_errors, predict, with_true_reference
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.evaluation.predictions import Predictions
from gcnet_core.plugin_api import Registry, UserError, common_preparation, ordered_classes
from gcnet_core.recipe import load_recipe, stored_recipe
from gcnet_core.storage import check_model_files, load_model
from gcnet_core.training.resources import choose_device, choose_threads


def check_run(run: Path, registry: Registry, device: str | None = None) -> None:
    """Tell that a run cannot be measured, before any data are looked at.

    Args:
        run: a finished run of one fold.
        registry: where parts are found.
        device: name of the device.

    Raises:
        UserError: if there is no run, it has no model or several, or the device does not exist.
    """
    if not (run / "recipe.yaml").is_file():
        raise UserError(f"{run}: no finished run here; recipe.yaml is missing, which `gcnet run` writes")
    if stored_recipe(run / "recipe.yaml", registry).split.fold == "all":
        raise several_folds(run)
    check_model_files(run)
    choose_device(device)


def several_folds(run: Path) -> UserError:
    """The error to raise when a folder holds the runs of several folds."""
    return UserError(f"{run}: holds several folds; evaluate one of them, such as {run / 'fold-0'}")


def evaluate_run(
    run: Path,
    registry: Registry,
    *,
    split: Literal["train", "validation", "test"] = "test",
    data: CrossDataset | None = None,
    overrides: Sequence[str] = (),
    device: str | None = None,
) -> tuple[dict[str, Any], Predictions]:
    """Load the model of a run and measure it.

    Args:
        run: a finished run of one fold.
        registry: where parts are found.
        split: which subjects of the run's own data.
        data: taken as a whole instead; classes are matched by name.
        overrides: changes of the run's recipe, as `--set` takes them.
        device: name of the device; default: the best one.

    Returns:
        The entries `test`, `true_reference` and `generator` of a summary, the number of images `skipped` and the
        `common` classes of model and images, and the predictions.

    Raises:
        UserError: if there is no run, it has no model, or nothing is left to measure.
    """
    check_run(run, registry, device)
    recipe = load_recipe(run / "recipe.yaml", overrides, registry, stored=True)
    fold = recipe.split.fold
    if fold == "all":
        raise several_folds(run)
    torch.set_num_threads(choose_threads(recipe.threads, recipe.training.batch_size, recipe.image.size))
    saved = load_model(run, registry, choose_device(device))
    if data:
        if overlap(recipe.data_sets, data.data) != "none":
            raise UserError(
                f"{data.name}: {run} was trained on these data; its test people are measured without --data, "
                "and --set data.KEY=VALUE changes which pictures of them"
            )
        listing = data.listing(recipe.labels, saved.image, registry)
    else:
        listing = list_samples(recipe.data_sets, recipe.labels, saved.image, registry)
    table = load_faces(listing, saved.image, saved.classes)
    if recipe.align_references:
        table = align_references(table)
    own = split_samples(table.samples, recipe.split, recipe.seed, fold) if data is None else None
    indices = np.arange(len(table)) if own is None else getattr(own, split)
    indices = indices[(table.label != UNKNOWN).numpy()[indices]]
    if data and not len(indices):
        raise no_common_class(data, [sample.expression for sample in table.samples], saved.classes)
    if saved.model.uses_true_reference:
        indices = with_true_reference(table, indices)
    if not len(indices):
        what = "no neutral picture can be given as reference" if data else f"no image of the {split} split"
        raise UserError(f"nothing to evaluate in {data.name if data else recipe.name}: {what}")
    config = recipe.evaluation
    crop = common_preparation(part.config for part in (data.data if data else recipe.data_sets))

    def ask(chosen_indices: np.ndarray, *, given: bool) -> Any:
        return predict(
            saved.model, table, chosen_indices, batch_size=config.batch_size, flip=config.flip, true_reference=given,
            fold=fold if own else None,
        )  # fmt: skip

    answers = ask(indices, given=False)
    given = with_true_reference(table, indices) if answers.query_code is not None else indices[:0]
    return {
        "recipe": recipe.name,
        "data": data.name if data else split,
        "images": len(indices),
        "skipped": len(table) - len(indices) if own is None else 0,
        "same_crop": crop == saved.description.get("preparation"),
        "common": ordered_classes([table.samples[row].expression for row in indices]),
        "test": classification_metrics(answers.predictions, config.bootstrap, recipe.seed),
        "true_reference": (
            classification_metrics(ask(given, given=True).predictions, config.bootstrap, recipe.seed)
            if len(given)
            else None
        ),
        "generator": generator_errors(answers, table, own.train if own else indices),
    }, answers.predictions
