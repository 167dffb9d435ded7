"""Measure a finished run again: on its own subjects, or on other data."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from gcnet_core.data.align import align_references
from gcnet_core.data.columns import column_values
from gcnet_core.data.cross_dataset import CrossDataset, overlap
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.evaluation.asked_album import Tell, album_overrides, asked_albums, note_after, notes_before
from gcnet_core.evaluation.by_column import by_column
from gcnet_core.evaluation.chosen import Part, other_samples, own_samples
from gcnet_core.evaluation.measure import measure
from gcnet_core.plugin_api import Registry, UserError, common_preparation, ordered_classes
from gcnet_core.recipe import Recipe, load_recipe, stored_recipe
from gcnet_core.runs import Evaluation, Predictions, Run
from gcnet_core.runs.files import RECIPE, fold_folder
from gcnet_core.runs.trained_on import read_trained_on
from gcnet_core.storage import SavedModel, check_model_files, load_model
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
    if not (run / RECIPE).is_file():
        raise UserError(f"{run}: no finished run here; {RECIPE} is missing, which `gcnet run` writes")
    if stored_recipe(run / RECIPE, registry).split.fold == "all":
        raise _several_folds(run)
    check_model_files(run)
    choose_device(device)


def evaluate_run(
    run: Path,
    registry: Registry,
    *,
    split: Part = "test",
    data: CrossDataset | None = None,
    overrides: Sequence[str] = (),
    album: int | None = None,
    album_expressions: str | None = None,
    by: str | None = None,
    device: str | None = None,
    tell: Tell = lambda note: None,
) -> tuple[Evaluation, Predictions]:
    """Load the model of a run and measure it.

    Args:
        run: a finished run of one fold.
        registry: where parts are found.
        split: which subjects of the run's own data.
        data: taken as a whole instead; classes are matched by name.
        overrides: changes of the run's recipe, as `--set` takes them.
        album: pictures of an album, in place of what the recipe says; 0: the query alone.
        album_expressions: how they are chosen, see `evaluation.album_expressions`.
        by: column of the data by whose values images are told apart.
        device: name of the device; default: the best one.
        tell: takes what a user should know before the figures.

    Raises:
        UserError: if there is no run, it has no model, or nothing is left to measure.
    """
    check_run(run, registry, device)
    recipe, fold = _recipe_of(run, overrides, registry)
    asked = album_overrides(recipe, album, album_expressions)
    new_source = bool(asked) and recipe.album.source == "none"
    if asked:
        recipe, fold = _recipe_of(run, [*overrides, *asked], registry)
    torch.set_num_threads(choose_threads(recipe.threads, recipe.training.batch_size, recipe.image.size))
    saved = load_model(run, registry, choose_device(device))
    stored = read_trained_on(run)
    if stored is None:
        tell(
            f"note: {run} is of an older gcnet, which did not store who was trained on: who is known to it is told by "
            "the folders of its data and a new draw, which are right if nothing in them was changed"
        )
    if data and stored is None:
        _refuse_own(data, recipe, run)
    if not data:
        _refuse_another_split(recipe, run, registry)
        for note in Run(run).summary.notes:
            tell(f"note: {note}")
    table = _faces(recipe, saved, data, registry, partial(asked_albums, tell=tell, needed=not data or bool(album)))
    if data:
        chosen, seen = other_samples(table, saved, data, run, stored, tell)
    else:
        chosen, seen = own_samples(table, saved, recipe, fold, split, stored, tell), 0
    values = column_values([table.samples[row] for row in chosen.indices], by) if by else None
    for note in notes_before(table, chosen.indices, recipe, new_source=new_source):
        tell(note)
    temperature = saved.description.temperature
    measured = measure(saved.model, table, chosen.indices, chosen.training, recipe, chosen.fold, temperature)
    if asked and album != 0 and (note := note_after(saved.part.config, compares=bool(measured.by_reference))):
        tell(note)
    crop = common_preparation(part.config for part in (data.data if data else recipe.data_sets))
    evaluation = Evaluation(
        recipe=recipe.name,
        data=data.name if data else split,
        images=len(chosen.indices),
        skipped=len(table) - len(chosen.indices) - seen if data else 0,
        seen=seen,
        same_crop=crop == saved.description.preparation,
        common=ordered_classes([table.samples[row].expression for row in chosen.indices]),
        test=measured.test,
        true_reference=measured.true_reference,
        generator=measured.generator,
        by_reference=measured.by_reference,
        album=measured.album,
        calibration=measured.calibration,
    )
    predictions = measured.result.predictions
    if by and values:
        found = by_column(predictions, by, values, temperature, recipe.evaluation.bootstrap, recipe.seed)
        evaluation = evaluation.model_copy(update={"by": found})
    return evaluation, predictions


def _recipe_of(run: Path, overrides: Sequence[str], registry: Registry) -> tuple[Recipe, int]:
    """The recipe of a run, and the fold that it tested."""
    recipe = load_recipe(run / RECIPE, overrides, registry, stored=True)
    if recipe.split.fold == "all":
        raise _several_folds(run)
    return recipe, recipe.split.fold


def _several_folds(run: Path) -> UserError:
    return UserError(f"{run}: holds several folds; evaluate one of them, such as {fold_folder(run, 0)}")


def _refuse_another_split(recipe: Recipe, run: Path, registry: Registry) -> None:
    """Other folds or another seed would test people that the model was trained on."""
    stored = stored_recipe(run / RECIPE, registry)
    if (recipe.seed, recipe.split) != (stored.seed, stored.split):
        raise UserError(
            f"{run}: `seed` and `split` say who was trained on, and cannot be changed afterwards; leave them out"
        )


def _refuse_own(data: CrossDataset, recipe: Recipe, run: Path) -> None:
    if overlap(recipe.data_sets, data.data) != "none":
        raise UserError(
            f"{data.name}: {run} was trained on these data; its test people are measured without --data, "
            "and --set data.KEY=VALUE changes which pictures of them"
        )


def _faces(
    recipe: Recipe,
    saved: SavedModel,
    data: CrossDataset | None,
    registry: Registry,
    with_albums: Callable[[FaceTable, Recipe], FaceTable],
) -> FaceTable:
    """All pictures of the run's own data, or of others, as the model expects them."""
    if data:
        listing = data.listing(recipe.labels, saved.image, registry)
    else:
        listing = list_samples(recipe.data_sets, recipe.labels, saved.image, registry)
    table = with_albums(load_faces(listing, saved.image, saved.classes), recipe)
    return align_references(table) if recipe.align_references else table
