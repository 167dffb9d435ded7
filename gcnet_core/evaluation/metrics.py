"""Classification metrics with bootstrap intervals over subjects."""

import numpy as np
from jaxtyping import Float, Int

from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Interval, Metrics, Predictions

LEVEL = 0.95
"""Share of the bootstrap resamples that an interval covers."""
DRAWN = 1 << 22
"""Numbers that are drawn at a time."""


def classification_metrics(predictions: Predictions, bootstrap: int, seed: int) -> Metrics:
    """Figures of merit.

    Pictures of one person are not independent, so the intervals resample whole subjects: percentile bootstrap,
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), section 13.3.

    Args:
        predictions: of at least one image.
        bootstrap: number of resamples, at least 1.
        seed: key of the resampling.

    Raises:
        UserError: if there are no predictions.
    """
    if not len(predictions):
        raise UserError("there is no image to evaluate; check the split and the data set")
    confusion = confusion_of(predictions)
    support = confusion.sum(axis=1)
    measured = rates(confusion)
    resampled = rates(resample(predictions, bootstrap, seed))
    known = {subject for subject in predictions.subjects if subject}
    recall = [
        float(hits / count) if count else None for hits, count in zip(np.diagonal(confusion), support, strict=True)
    ]
    return Metrics(
        images=len(predictions),
        subjects=len(known),
        **{name: float(value) for name, value in measured.items()},
        **{f"{name}_interval": interval(values) for name, values in resampled.items()},
        interval_over="subjects" if known else "images",
        chance=float(support.max() / support.sum()),
        classes=predictions.classes,
        recall=dict(zip(predictions.classes, recall, strict=True)),
        confusion=confusion.tolist(),
    )


def rates(confusion: Int[np.ndarray, "*resample true predicted"]) -> dict[str, Float[np.ndarray, "*resample"]]:
    """Accuracy, mean recall and mean F1 of confusion matrices, the means over the classes that have images."""
    hits = np.diagonal(confusion, axis1=-2, axis2=-1)
    support = confusion.sum(axis=-1)
    claimed = confusion.sum(axis=-2)
    present = support > 0
    classes = present.sum(axis=-1)
    recall = np.divide(hits, support, out=np.zeros(hits.shape), where=present)
    f1 = np.divide(2 * hits, support + claimed, out=np.zeros(hits.shape), where=present)
    return {
        "accuracy": np.asarray(hits.sum(axis=-1) / support.sum(axis=-1)),
        "balanced_accuracy": np.asarray(recall.sum(axis=-1) / classes),
        "macro_f1": np.asarray(f1.sum(axis=-1) / classes),
    }


def confusion_of(predictions: Predictions) -> Int[np.ndarray, "true predicted"]:
    """How many images of each class were taken for which."""
    return _counts(_cells(predictions), len(predictions.classes))


def resample(predictions: Predictions, bootstrap: int, seed: int) -> Int[np.ndarray, "resample true predicted"]:
    """Confusion matrices of bootstrap resamples of the subjects; an unknown one stands for itself, in all its answers.

    Subjects with equal counts are interchangeable: drawing how often each distinct matrix occurs is the same bootstrap,
    and fast when each image is a group of its own.
    """
    distinct, repeats = _distinct_confusions(predictions)
    random, subjects = np.random.default_rng(seed), repeats.sum()
    found = np.empty((bootstrap, distinct.shape[1]), dtype=np.int64)
    at_a_time = max(1, DRAWN // len(distinct))
    for start in range(0, bootstrap, at_a_time):
        some = slice(start, start + at_a_time)
        draws = random.multinomial(subjects, repeats / subjects, size=len(found[some]))
        found[some] = draws.astype(np.float64) @ distinct  # exact below 2**53, and ten times as fast as whole numbers
    size = len(predictions.classes)
    return found.reshape(bootstrap, size, size)


def _distinct_confusions(
    predictions: Predictions,
) -> tuple[Float[np.ndarray, "distinct cell"], Int[np.ndarray, "distinct"]]:
    """The different confusion matrices that subjects have, flat and in order, and how many subjects have each."""
    size, cells = len(predictions.classes), _cells(predictions)
    order: dict[str | tuple[str], int] = {}
    keys = (subject or (image,) for subject, image in zip(predictions.subjects, predictions.images, strict=True))
    groups = np.fromiter((order.setdefault(key, len(order)) for key in keys), dtype=np.int64, count=len(predictions))
    answers = np.bincount(groups)
    # of one answer there are few different matrices, and of such subjects perhaps as many as images
    single = _counts(cells[answers[groups] == 1], size).ravel()
    several = np.cumsum(answers > 1) - 1
    rows = answers[groups] > 1
    counts = np.zeros(((answers > 1).sum(), size * size), dtype=np.float64)
    np.add.at(counts, (several[groups[rows]], cells[rows]), 1)
    distinct, repeats = np.unique(counts, axis=0, return_counts=True)
    seen = np.flatnonzero(single)
    distinct = np.concatenate([distinct, np.eye(size * size)[seen]])
    in_order = np.lexsort(distinct.T[::-1])
    return distinct[in_order], np.concatenate([repeats, single[seen]])[in_order]


def _cells(predictions: Predictions) -> Int[np.ndarray, "sample"]:
    """The place of each answer in a flat confusion matrix."""
    return np.asarray(predictions.labels * len(predictions.classes) + predictions.predicted)


def _counts(cells: Int[np.ndarray, "sample"], size: int) -> Int[np.ndarray, "true predicted"]:
    return np.bincount(cells, minlength=size * size).reshape(size, size)


def interval(values: Float[np.ndarray, "resample"]) -> Interval:
    """The percentile interval of bootstrap resamples."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
