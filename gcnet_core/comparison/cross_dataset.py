"""Models of a comparison on other data: figures for each training set and test set."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.comparison.jobs import is_done, unanswered
from gcnet_core.comparison.measure import Done
from gcnet_core.comparison.plan import Job
from gcnet_core.data.cross_dataset import CrossDataset, no_common_class, overlap
from gcnet_core.data.load import list_samples
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.files import write_text
from gcnet_core.plugin_api import Registry, UserError, ordered_classes
from gcnet_core.recipe import Candidate, Recipe
from gcnet_core.runs import Predictions, Run, concatenate, read_values
from gcnet_core.runs.comparison import CrossDatasetEntry, CrossDatasetFigures
from gcnet_core.runs.files import CROSS_DATASET, WEIGHTS, cross_dataset_predictions, existing


def prepare_cross_dataset(
    folder: Path, jobs: Sequence[Job], others: Sequence[CrossDataset], registry: Registry
) -> None:
    """Tell before hours of training what would end without a figure, and note what is tested.

    Args:
        folder: of the comparison.
        jobs: all of them.
        others: data on which models are measured too.
        registry: where data sets are found.

    Raises:
        UserError: if a model would know no expression of the data, two data sets bear one name, answers in the folder
            are about other data, or a finished job has no weights any more.
        MissingData: if the data are not there.
    """
    if not others:
        return
    _check_names(others)
    for candidate in dict.fromkeys(job.candidate for job in jobs):
        _check_common_classes(candidate.recipe, others, registry)
    tested = _tested_data(folder, others)
    _check_weights(jobs, registry)
    write_text(folder / CROSS_DATASET, json.dumps(tested, indent=2) + "\n")


def _check_names(others: Sequence[CrossDataset]) -> None:
    slug, count = Counter(other.slug for other in others).most_common(1)[0]
    if count > 1:
        raise UserError(f"--data: {count} data sets are called {slug}; give each recipe a `name` of its own")


def _check_common_classes(recipe: Recipe, others: Sequence[CrossDataset], registry: Registry) -> None:
    known = _classes(recipe, registry)
    for other in others:
        found = _expressions(recipe, other, registry)
        if not set(found) & set(known):
            raise no_common_class(other, found, known)


def _given(dumped: Mapping[str, Any]) -> dict[str, Any]:
    """Data without options that say nothing, which an older version may not have known."""
    parts = [{key: value for key, value in part.items() if value is not None} for part in dumped["data"]]
    return {**dumped, "data": parts}


def _tested_data(folder: Path, others: Sequence[CrossDataset]) -> dict[str, Any]:
    """All data that answers in the folder are about, and will be, by their slugs."""
    path = existing(folder, CROSS_DATASET)
    tested: dict[str, Any] = read_values(path) if path.is_file() else {}
    for other in others:
        if _given(tested.setdefault(other.slug, other.dump())) != _given(other.dump()):
            raise UserError(f"{folder}: holds answers on other data called {other.name}; choose another --output")
    return tested


def _check_weights(jobs: Sequence[Job], registry: Registry) -> None:
    """A finished job that has not answered for all data needs its weights once more."""
    for job in jobs:
        missing = unanswered(job) if is_done(job, registry) else []
        if missing and not (job.folder / WEIGHTS).is_file():
            raise UserError(
                f"{job.folder}: was finished without --data {missing[0].source}, and its weights are gone; "
                "choose another --output, or give --keep-models the next time"
            )


def cross_dataset_figures(
    candidates: Sequence[Candidate], done: Done, others: Sequence[CrossDataset], registry: Registry
) -> list[CrossDatasetEntry]:
    """Figures of each candidate on each of the other data, or why there are none.

    Args:
        candidates: in the order of the table.
        done: their finished jobs.
        others: the data.
        registry: where data sets are found.
    """
    return [
        _figures(candidate, list(done.get(candidate.name, {}).values()), other, registry)
        for candidate in candidates
        for other in others
    ]


def _figures(candidate: Candidate, runs: Sequence[Run], other: CrossDataset, registry: Registry) -> CrossDatasetEntry:
    recipe = candidate.recipe
    entry = CrossDatasetEntry(recipe=candidate.name, data=other.name, overlap=overlap(recipe.data_sets, other.data))
    files = [cross_dataset_predictions(run.folder, other.slug) for run in runs]
    answers = [Predictions.read_csv(file) for file in files if file.is_file()]
    if not answers:
        return entry
    images = {image for answer in answers for image in answer.images}  # each job leaves out whom it was trained on
    metrics = classification_metrics(concatenate(answers), recipe.evaluation.bootstrap, recipe.seed)
    return CrossDatasetFigures(
        **dict(entry),
        **{**dict(metrics), "images": len(images)},
        jobs=len(answers),
        skipped=len(_expressions(recipe, other, registry)) - len(images),
        common=ordered_classes([answer.classes[label] for answer in answers for label in np.unique(answer.labels)]),
    )


def _classes(recipe: Recipe, registry: Registry) -> tuple[str, ...]:
    """What a model of a recipe can answer."""
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    return ordered_classes([sample.expression for sample in listing.samples])


def _expressions(recipe: Recipe, other: CrossDataset, registry: Registry) -> list[str]:
    """The expression of each image of other data, as a model of the recipe sees them."""
    return [sample.expression for sample in other.listing(recipe.labels, recipe.image, registry).samples]
