"""A baseline beside a run: its answers and features in the order of the run's test images."""

from dataclasses import dataclass, replace

import numpy as np

from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Metrics, Predictions, Run


@dataclass(frozen=True)
class Baseline:
    """What is shown of a baseline.

    Args:
        recipe: its name.
        test: its figures.
        predictions: for the images of the run, in its order.
        arrays: features in the same order, or of those in `kept`; none of a run over all folds.
    """

    recipe: str
    test: Metrics
    predictions: Predictions
    arrays: dict[str, np.ndarray]


def align(baseline: Run, run: Run) -> Baseline:
    """Bring the predictions and features of a baseline into the order of the run's test images.

    Raises:
        UserError: if the two were not tested on the same images.
    """
    ours, theirs = run.predictions.images, baseline.predictions.images
    row_of = {image: row for row, image in enumerate(theirs)}
    only_ours, only_theirs = set(ours) - set(theirs), set(theirs) - set(ours)
    if only_ours or only_theirs:
        example = min(only_ours or only_theirs)
        raise UserError(
            f"--baseline {baseline.folder}: tested on other images than {run.folder} ({len(only_ours)} of its "
            f"{len(ours)} are missing, {len(only_theirs)} are not in it, e.g. {example}); train the baseline with "
            "the same `data`, `split` and `seed`"
        )
    rows = np.array([row_of[image] for image in ours], dtype=np.int64)
    old = baseline.predictions
    predictions = replace(
        old,
        images=ours,
        subjects=tuple(old.subjects[row] for row in rows),
        labels=old.labels[rows],
        probabilities=old.probabilities[rows],
        folds=None if old.folds is None else old.folds[rows],
    )
    arrays = {name: array for name, array in baseline.arrays.items() if "." not in name}
    if "kept" in arrays:
        arrays["kept"] = np.argsort(rows)[arrays["kept"]]
    else:
        arrays = {name: array[rows] for name, array in arrays.items()}
    return Baseline(baseline.summary.recipe, baseline.summary.test, predictions, arrays)
