"""Run a recipe: one fold, or all of them and their figures together."""

import time
from collections.abc import Sequence
from pathlib import Path

import torch
from rich.text import Text

from gcnet_core.data.albums import with_albums
from gcnet_core.data.align import align_references
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import Listing, list_samples, load_faces
from gcnet_core.data.splits import fold_of_subject
from gcnet_core.data_validation.albums import album_notes
from gcnet_core.data_validation.before_training import notes_before_training
from gcnet_core.evaluation import aggregate
from gcnet_core.evaluation.album_counts import album_lines
from gcnet_core.experiment.data_record import check_same_data
from gcnet_core.experiment.fold import FoldRun
from gcnet_core.experiment.folder import begin, run_folder
from gcnet_core.experiment.options import Options
from gcnet_core.experiment.summary import all_folds_summary
from gcnet_core.locks import LOCK, locked
from gcnet_core.output.visible import one_line
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import BLIND
from gcnet_core.report import write_report
from gcnet_core.runs import Predictions, Run, concatenate, write_summary
from gcnet_core.runs.files import (
    PREDICTIONS,
    REPORT,
    SUMMARY,
    TRUE_REFERENCE_PREDICTIONS,
    fold_folder,
    fold_folders,
    predictions_given,
)
from gcnet_core.training.checkpoint import remove_checkpoint
from gcnet_core.training.compiler import check_compiler
from gcnet_core.training.processes import Processes, joined
from gcnet_core.training.resources import choose_device, choose_threads


def run_recipe(recipe: Recipe, registry: Registry, options: Options) -> Path:
    """Train and measure; one fold, or all of them.

    Returns:
        The run folder. A run that is already done is returned as it is.

    Raises:
        UserError: if the recipe cannot be run with what is there; nothing is written then.
        RunFailed: if training cannot go on; the folder keeps its checkpoint.
    """
    _refuse_labels(recipe)
    with joined() as processes:
        device = processes.device(choose_device(options.device))
        if recipe.training.compile:
            check_compiler(device)
        threads = choose_threads(options.threads or recipe.threads, recipe.training.batch_size, recipe.image.size)
        torch.set_num_threads(threads)
        if not processes.is_first:
            return _help(recipe, registry, options, device, processes)
        folder = _run(recipe, registry, options, device, processes)
        processes.from_first(folder)
    return folder


def _help(recipe: Recipe, registry: Registry, options: Options, device: torch.device, processes: Processes) -> Path:
    """Train together with the first process, which says what: a fold and its speed, and in the end the run folder."""
    run_fold: FoldRun | None = None
    while not isinstance(task := processes.from_first(), Path):
        if run_fold is None:
            listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
            run_fold = FoldRun(recipe, registry, _table(recipe, listing), device, options, processes=processes)
        if task is not None:
            run_fold.help(*task)
    return task


def _run(recipe: Recipe, registry: Registry, options: Options, device: torch.device, processes: Processes) -> Path:
    """Train and measure in the first process, or the only one."""
    # mistakes first, then what takes long
    folder = run_folder(recipe, options.output, registry, resume=options.resume, smoke=options.smoke)
    if options.resume and (folder / SUMMARY).is_file():
        options.console.print(f"{one_line(str(folder))} is already done", soft_wrap=True)
        if not (folder / REPORT).is_file() or (folder / LOCK).exists():  # it was killed before its very end
            with locked(folder):
                remove_checkpoint(folder)
                if not (folder / REPORT).is_file():
                    write_report(folder)
        return folder
    with locked(folder):
        # nobody else has begun here since
        run_folder(recipe, folder, registry, resume=options.resume, smoke=options.smoke)
        processes.from_first(None)  # the others read the images too
        _train_and_measure(recipe, registry, options, folder, device, processes)
    return folder


def _train_and_measure(
    recipe: Recipe, registry: Registry, options: Options, folder: Path, device: torch.device, processes: Processes
) -> None:
    """Train and measure in a folder that no other process writes into."""
    with options.console.status("reading images"):
        listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
        about_data = notes_before_training(listing, recipe)
        table = _table(recipe, listing)
    options.console.print(
        Text(one_line(recipe.name), "bold"),
        f" {len(table)} images, {len(table.classes)} classes ({', '.join(map(one_line, table.classes))})  "
        f"device {device}, {_together(processes)}{torch.get_num_threads()} threads\nrun folder {one_line(str(folder))}",
        highlight=False,
        soft_wrap=True,
    )
    notes = (*recipe.notes(), *about_data, *album_notes(table))
    for note in notes:
        options.console.print(f"note: {note}", style="yellow", highlight=False)
    for line in album_lines(table):
        options.console.print(line, highlight=False, soft_wrap=True)
    run = FoldRun(recipe, registry, table, device, options, notes, processes)
    if recipe.split.fold != "all":
        run(folder, recipe.split.fold)
    else:
        _run_folds(recipe, table, folder, run)
    write_report(folder)


def _table(recipe: Recipe, listing: Listing) -> FaceTable:
    """All faces, read and prepared."""
    table = with_albums(load_faces(listing, recipe.image), recipe)
    return align_references(table) if recipe.align_references else table


def _together(processes: Processes) -> str:
    return f"{processes.count} processes, " if processes.count > 1 else ""


def _refuse_labels(recipe: Recipe) -> None:
    """A run's own figures, and choices by its validation people, must not rest on albums that were chosen by labels."""
    chosen = recipe.evaluation.album_expressions
    if chosen not in (None, *BLIND):
        raise UserError(
            f"evaluation.album_expressions: albums of {chosen} expressions are chosen by labels, which no user has; "
            f"train without it, then `gcnet evaluate RUN --album-expressions {chosen}`"
        )


def _run_folds(recipe: Recipe, table: FaceTable, folder: Path, run_fold: FoldRun) -> None:
    """Run the folds that are not done yet, and measure all of them together."""
    folds = sorted(set(fold_of_subject(table.samples, recipe.split, recipe.seed).values()))
    for part in fold_folders(folder):  # which are done
        check_same_data(part, run_fold.images, table.samples)
    begin(folder, recipe)
    started = time.monotonic()
    for fold in folds:
        part = fold_folder(folder, fold)
        if not (part / SUMMARY).is_file():
            run_fold.options.console.rule(f"fold {fold}")
            run_fold(part, fold)
        if not (part / REPORT).is_file():  # nor where it was killed before its very end
            remove_checkpoint(part)
            write_report(part)
    runs = {(recipe.seed, fold): Run(fold_folder(folder, fold)) for fold in folds}
    together = aggregate(runs, recipe.evaluation.bootstrap, recipe.seed)
    _write_together([run.predictions for run in runs.values()], folder / PREDICTIONS)
    _write_together([run.true_reference_predictions for run in runs.values()], folder / TRUE_REFERENCE_PREDICTIONS)
    if together.by_reference and recipe.album.source != "none":
        for given in together.by_reference:
            _write_together(
                [run.predictions_by_reference[given] for run in runs.values()], folder / predictions_given(given)
            )
    summary = all_folds_summary(recipe, list(runs.values()), together, time.monotonic() - started)
    write_summary(folder, summary)


def _write_together(parts: Sequence[Predictions | None], path: Path) -> None:
    """The predictions of all folds in one file; none where a fold has none."""
    known = [part for part in parts if part is not None]
    if len(known) == len(parts):
        concatenate(known).write_csv(path)
