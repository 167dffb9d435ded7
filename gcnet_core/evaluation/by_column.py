"""Figures by a column of the data: how well each group of images is recognized, and which group worst."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from gcnet_core.evaluation.calibration import calibrated, expected_calibration_error
from gcnet_core.evaluation.groups import accuracies, groups_of
from gcnet_core.evaluation.metrics import confusion_of, interval, rates
from gcnet_core.runs import Interval, Predictions
from gcnet_core.runs.by_column import ByColumn, GroupMetrics

SMALL = 30
"""Images below which a group is called neither best nor worst."""
ALIKE = 0.1
"""Share of the images by which groups may differ in what they show."""
NAMES = frozenset({"expression", "subject", "session", "lighting", "fold", "part", "source"})
"""Columns whose numbers are names."""


def by_column(
    predictions: Predictions, column: str, values: Sequence[str | None], temperature: float, bootstrap: int, seed: int
) -> ByColumn:
    """Measure each group of images.

    Whole subjects are resampled, for all groups at once: a person who is in several groups, each in another light, is
    drawn or not in all of them, so that differences of groups are paired as far as the data are.

    Args:
        predictions: of at least one image.
        column: name of the column.
        values: of each image; None where unknown.
        temperature: of the model.
        bootstrap: number of resamples.
        seed: key of the resampling.
    """
    names, group = groups_of(values, numbers=column not in NAMES)
    subjects = ("",) * len(predictions) if column == "subject" else predictions.subjects
    units = [subject or (image,) for subject, image in zip(subjects, predictions.images, strict=True)]
    resampled = accuracies(units, predictions.correct, group, bootstrap, seed)
    groups = {}
    for number, name in enumerate(names):
        rows = np.flatnonzero(group == number)
        is_one = len({units[row] for row in rows}) == 1
        found = None if is_one else _known_interval(resampled[:, number])
        groups[name] = _figures(predictions.rows(rows), temperature, found)
    ranked = sorted((name for name in names if not groups[name].small), key=lambda name: groups[name].accuracy)
    told: dict[str, Any] = dict.fromkeys(("best", "worst", "difference", "difference_interval"))
    if len(ranked) > 1:
        worst, best = ranked[0], ranked[-1]
        gaps = resampled[:, names.index(best)] - resampled[:, names.index(worst)]
        told = {"best": best, "worst": worst, "difference_interval": _known_interval(gaps)}
        told["difference"] = groups[best].accuracy - groups[worst].accuracy
    return ByColumn(
        column=column,
        groups=groups,
        unknown=int((group < 0).sum()),
        interval_over="subjects" if any(subjects) else "images",
        same_expressions=_alike([predictions.labels[group == names.index(name)] for name in ranked]),
        **told,
    )


def _figures(part: Predictions, temperature: float, found: Interval | None) -> GroupMetrics:
    shares = rates(confusion_of(part))
    return GroupMetrics(
        images=len(part),
        subjects=len({subject for subject in part.subjects if subject}),
        accuracy=float(shares["accuracy"]),
        accuracy_interval=found,
        balanced_accuracy=float(shares["balanced_accuracy"]),
        ece=expected_calibration_error(calibrated(part, temperature), part.labels),
        small=len(part) < SMALL or found is None,
    )


def _alike(labels: Sequence[Int[np.ndarray, "sample"]]) -> bool:
    """Whether groups show each expression about as often: no two are further apart than ALIKE in total variation."""
    size = 1 + max((int(part.max()) for part in labels), default=0)
    shares = [np.bincount(part, minlength=size) / len(part) for part in labels]
    return all(np.abs(one - other).sum() / 2 <= ALIKE for one in shares for other in shares)


def _known_interval(values: Float[np.ndarray, "resample"]) -> Interval:
    """Over the resamples in which the group occurs."""
    return interval(values[~np.isnan(values)])
