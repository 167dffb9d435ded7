"""Classification metrics with bootstrap intervals over subjects."""

import numpy as np
from jaxtyping import Float, Int

from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Interval, Metrics, Predictions

LEVEL = 0.95
"""Share of the bootstrap resamples that an interval covers."""


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
    confusion = subject_confusions(predictions).sum(axis=0)
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


def subject_confusions(predictions: Predictions) -> Int[np.ndarray, "subject true predicted"]:
    """The confusion matrix of each subject; an image of an unknown subject stands for itself, in all its answers."""
    order: dict[str | tuple[str], int] = {}
    keys = [subject or (image,) for subject, image in zip(predictions.subjects, predictions.images, strict=True)]
    groups = np.array([order.setdefault(key, len(order)) for key in keys], dtype=np.int64)
    size = len(predictions.classes)
    counts = np.zeros((len(order), size, size), dtype=np.int64)
    np.add.at(counts, (groups, predictions.labels, predictions.predicted), 1)
    return counts


def resample(predictions: Predictions, bootstrap: int, seed: int) -> Int[np.ndarray, "resample true predicted"]:
    """Confusion matrices of bootstrap resamples of the subjects."""
    counts = subject_confusions(predictions)
    # Subjects with equal counts are interchangeable: drawing how often each distinct matrix occurs is the same
    # bootstrap, and fast when each image is a group of its own.
    distinct, repeats = np.unique(counts.reshape(len(counts), -1), axis=0, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(len(counts), repeats / len(counts), size=bootstrap)
    return np.asarray(draws @ distinct).reshape(bootstrap, *counts.shape[1:])


def interval(values: Float[np.ndarray, "resample"]) -> Interval:
    """The percentile interval of bootstrap resamples."""
    low, high = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))
