"""Trials of one recipe, each a seed on a fold, and their figures together: of a cross-validation, of a comparison."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gcnet_core.evaluation.by_reference import metrics_by_reference
from gcnet_core.evaluation.metrics import classification_metrics, interval
from gcnet_core.evaluation.references import pooled_errors
from gcnet_core.plugin_api import UserError
from gcnet_core.runs import GeneratorErrors, Given, Interval, Metrics, Predictions, Run, concatenate

Trial = tuple[int, int]
"""Seed and fold: one training and one test."""

DRAWN = 1 << 22
"""Subjects that are drawn at a time; a resample of a large set without subjects draws each image."""


@dataclass(frozen=True)
class TrialsTogether:
    """Figures of several trials of one recipe.

    Args:
        accuracies: of each trial, in the order given.
        mean_of_folds: their mean, each trial weighing the same.
        mean_of_folds_interval: over subjects.
        metrics: of all answers, each weighing the same.
        true_reference: the same with a real reference; None if a trial lacks it.
        generator: errors of the generated references, each weighing the same; None if a trial lacks them.
        by_reference: figures by what is given beside the query, as far as all trials have them.
    """

    accuracies: tuple[float, ...]
    mean_of_folds: float
    mean_of_folds_interval: Interval
    metrics: Metrics
    true_reference: Metrics | None
    generator: GeneratorErrors | None
    by_reference: dict[Given, Metrics]


def aggregate(trials: Mapping[Trial, Run], bootstrap: int, seed: int) -> TrialsTogether:
    """Measure finished runs of one recipe together.

    Args:
        trials: the runs, at least one.
        bootstrap: number of resamples.
        seed: key of the resampling.

    Raises:
        UserError: if a trial has no test image, or an image is tested in two folds of one seed.
    """
    answers = {trial: run.predictions for trial, run in trials.items()}
    mean, mean_interval = mean_of_trials(answers, bootstrap, seed)
    given = [run.true_reference_predictions for run in trials.values()]
    all_given = [predictions for predictions in given if predictions is not None]
    complete = len(all_given) == len(given)
    return TrialsTogether(
        accuracies=tuple(float(predictions.correct.mean()) for predictions in answers.values()),
        mean_of_folds=mean,
        mean_of_folds_interval=mean_interval,
        metrics=classification_metrics(concatenate(list(answers.values())), bootstrap, seed),
        true_reference=classification_metrics(concatenate(all_given), bootstrap, seed) if complete else None,
        generator=pooled_errors([run.summary.generator for run in trials.values()]),
        by_reference=metrics_by_reference([run.predictions_by_reference for run in trials.values()], bootstrap, seed),
    )


def mean_of_trials(answers: Mapping[Trial, Predictions], bootstrap: int, seed: int) -> tuple[float, Interval]:
    """Mean accuracy over trials, each weighing the same.

    Args:
        answers: the test predictions of each trial, at least one.
        bootstrap: number of resamples. A subject is drawn or not for all trials at once, because the same person is
            tested in each seed.
        seed: key of the resampling.

    Returns:
        The mean, and its 95 % interval over subjects.

    Raises:
        UserError: if a trial has no test image, or an image is tested in two folds of one seed.
    """
    _check_disjoint(answers)
    subjects = [_subjects(predictions) for predictions in answers.values()]
    number = {name: index for index, name in enumerate(sorted({name for names in subjects for name in names}))}
    hits, sizes = np.zeros((2, len(answers), len(number)))
    for position, (names, predictions) in enumerate(zip(subjects, answers.values(), strict=True)):
        columns = np.array([number[name] for name in names])
        np.add.at(hits[position], columns, predictions.correct)
        np.add.at(sizes[position], columns, 1)
    means = []
    random = np.random.default_rng(seed)
    at_a_time = max(1, DRAWN // len(number))
    for start in range(0, bootstrap, at_a_time):
        size = min(at_a_time, bootstrap - start)
        draws = random.multinomial(len(number), np.full(len(number), 1 / len(number)), size=size)
        drawn = draws @ sizes.T
        accuracies = np.divide(draws @ hits.T, drawn, out=np.full(drawn.shape, np.nan), where=drawn > 0)
        means.append(np.nanmean(accuracies, axis=1))
    return float(np.mean(hits.sum(axis=1) / sizes.sum(axis=1))), interval(np.concatenate(means))


def _subjects(predictions: Predictions) -> list[str]:
    """Who each image shows; the image itself where nobody knows."""
    return [subject or image for subject, image in zip(predictions.subjects, predictions.images, strict=True)]


def _check_disjoint(answers: Mapping[Trial, Predictions]) -> None:
    """No image, and nobody, is tested in two folds: the model of one was trained on who is tested in the other."""
    images: dict[tuple[int, str], set[int]] = defaultdict(set)
    people: dict[tuple[int, str], set[int]] = defaultdict(set)
    for (seed, fold), predictions in answers.items():
        if not len(predictions):
            raise UserError(f"fold {fold} has no test image; use fewer folds")
        for image, subject in zip(predictions.images, predictions.subjects, strict=True):
            images[seed, image].add(fold)
            people[seed, subject].add(fold)
    for what, folds in (("images", images), ("people", people)):
        twice = [name for (_, name), tested in folds.items() if name and len(tested) > 1]
        if twice:
            raise UserError(
                f"{len(twice)} {what} are tested in more than one fold, e.g. {twice[0]}; folds must be disjoint"
            )
