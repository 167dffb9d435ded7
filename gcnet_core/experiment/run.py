"""Run a recipe: one fold, or all of them and their figures together."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from gcnet_core.data.align import align_references
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.data.splits import fold_of_subject
from gcnet_core.evaluation.folds import pooled_metrics
from gcnet_core.evaluation.predictions import Predictions, concatenate
from gcnet_core.evaluation.references import pooled_errors
from gcnet_core.experiment.fold import FoldRun, Options
from gcnet_core.experiment.folder import SUMMARY, begin, run_folder
from gcnet_core.experiment.measure import PREDICTIONS, TRUE_REFERENCE_PREDICTIONS
from gcnet_core.files import write_text
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Recipe, recipe_hash
from gcnet_core.report import write_report
from gcnet_core.storage import versions
from gcnet_core.training.resources import choose_device, choose_threads


def run_recipe(recipe: Recipe, registry: Registry, options: Options) -> Path:
    """Train and measure; one fold, or all of them.

    Returns:
        The run folder. A run that is already done is returned as it is.

    Raises:
        UserError: if the recipe cannot be run with what is there; nothing is written then.
        RunFailed: if training cannot go on; the folder keeps its checkpoint.
    """
    device = choose_device(options.device)
    folder = run_folder(recipe, options.output, registry, resume=options.resume)  # mistakes first, then what takes long
    threads = choose_threads(options.threads or recipe.threads, recipe.training.batch_size, recipe.image.size)
    torch.set_num_threads(threads)
    if options.resume and (folder / SUMMARY).is_file():
        options.console.print(f"{folder} is already done")
        return folder
    with options.console.status("reading images"):
        listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
        table = load_faces(listing, recipe.image)
        if recipe.align_references:
            table = align_references(table)
    options.console.print(
        f"[bold]{recipe.name}[/]  {len(table)} images, {len(table.classes)} classes ({', '.join(table.classes)})  "
        f"device {device}, {threads} threads\nrun folder {folder}",
        highlight=False,
    )
    for note in recipe.notes():
        options.console.print(f"note: {note}", style="yellow", highlight=False)
    run = FoldRun(recipe, registry, table, device, options)
    if recipe.split.fold != "all":
        run(folder, recipe.split.fold)
    else:
        _run_folds(recipe, table, folder, run)
    write_report(folder)
    return folder


def _run_folds(recipe: Recipe, table: FaceTable, folder: Path, run: FoldRun) -> None:
    folds = sorted(set(fold_of_subject(table.samples, recipe.split, recipe.seed).values()))
    begin(folder, recipe)
    started = time.monotonic()
    parts = [folder / f"fold-{fold}" for fold in folds]
    for fold, part in zip(folds, parts, strict=True):
        if not (part / SUMMARY).is_file():  # folds that are done are not done again
            run.options.console.rule(f"fold {fold}")
            run(part, fold)
            write_report(part)
    predictions = _pool(PREDICTIONS, parts, folder)
    given = _pool(TRUE_REFERENCE_PREDICTIONS, parts, folder)
    summaries = [json.loads((part / SUMMARY).read_text(encoding="utf-8")) for part in parts]
    pooled = pooled_metrics(predictions, recipe.evaluation.bootstrap, recipe.seed)
    summary = {
        **{name: summaries[0][name] for name in ("recipe", "seed", "classes", "parameters", "threads", "device")},
        "status": summaries[0]["status"],
        "fold": "all",
        "test": pooled.pop("pooled"),
        **pooled,
        "true_reference": pooled_metrics(given, recipe.evaluation.bootstrap, recipe.seed)["pooled"] if given else None,
        "generator": pooled_errors([entry["generator"] for entry in summaries]),
        "seconds": {"total": time.monotonic() - started},
        "recipe_hash": recipe_hash(recipe),
        "versions": versions(),
    }
    write_text(folder / SUMMARY, json.dumps(summary, indent=2) + "\n")


def _pool(name: str, parts: Sequence[Path], folder: Path) -> list[Predictions]:
    """The predictions of all folds, also written together; empty if a fold has none."""
    if not all((part / name).is_file() for part in parts):
        return []
    predictions = [Predictions.read_csv(part / name) for part in parts]
    concatenate(predictions).write_csv(folder / name)
    return predictions
