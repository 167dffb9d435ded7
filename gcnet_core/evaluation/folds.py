"""Cross-validation: the mean of the folds and the figures of all test images together."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from gcnet_core.evaluation.metrics import classification_metrics, interval, rates, resample
from gcnet_core.evaluation.predictions import Predictions, concatenate
from gcnet_core.plugin_api import UserError


def pooled_metrics(folds: Sequence[Predictions], bootstrap: int, seed: int) -> dict[str, Any]:
    """Figures of a cross-validation. The mean of folds weighs each fold equally, the pooled figures each image.

    Args:
        folds: the test predictions of each fold, one or more; no image is tested twice.
        bootstrap: number of resamples of subjects, within each fold, at least 1.
        seed: key of the resampling.

    Returns:
        `folds` (accuracy of each), `mean_of_folds`, `mean_of_folds_interval` [low, high] at 95 % and `pooled`, the
        `classification_metrics` of all images.

    Raises:
        UserError: if the classes of the folds differ, a fold is empty, or an image is tested in two folds.
    """
    pooled = concatenate(folds)
    twice = [image for image, count in Counter(pooled.images).items() if count > 1]
    if twice:
        raise UserError(
            f"{len(twice)} images are tested in more than one fold, e.g. {twice[0]}; folds must be disjoint"
        )
    empty = [position for position, part in enumerate(folds) if not len(part)]
    if empty:
        raise UserError(f"fold {empty[0]} has no test image; use fewer folds")
    accuracies = [float(part.correct.mean()) for part in folds]
    resampled = [
        rates(resample(part, bootstrap, int(key)))["accuracy"]
        for part, key in zip(folds, np.random.SeedSequence(seed).generate_state(len(folds)), strict=True)
    ]
    return {
        "folds": accuracies,
        "mean_of_folds": float(np.mean(accuracies)),
        "mean_of_folds_interval": interval(np.mean(resampled, axis=0)),
        "pooled": classification_metrics(pooled, bootstrap, seed),
    }


def mean_of_trials(trials: Sequence[Predictions], bootstrap: int, seed: int) -> tuple[float, list[float]]:
    """Mean accuracy over trials, folds of several seeds for instance, each weighing the same.

    Args:
        trials: the test predictions of each, one or more; an image may be tested in several.
        bootstrap: number of resamples. A subject is drawn or not for all trials at once, because the same person is
            tested in each seed.
        seed: key of the resampling.

    Returns:
        The mean, and its 95 % interval over subjects.
    """
    names = [[subject or image for subject, image in zip(part.subjects, part.images, strict=True)] for part in trials]
    number = {name: index for index, name in enumerate(sorted({name for part in names for name in part}))}
    hits, sizes = np.zeros((2, len(trials), len(number)))
    for position, part in enumerate(trials):
        rows = np.array([number[name] for name in names[position]])
        np.add.at(hits[position], rows, part.correct)
        np.add.at(sizes[position], rows, 1)
    draws = np.random.default_rng(seed).multinomial(len(number), np.full(len(number), 1 / len(number)), size=bootstrap)
    drawn = draws @ sizes.T
    accuracies = np.divide(draws @ hits.T, drawn, out=np.full(drawn.shape, np.nan), where=drawn > 0)
    return float(np.mean(hits.sum(axis=1) / sizes.sum(axis=1))), interval(np.nanmean(accuracies, axis=1))
