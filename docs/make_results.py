"""Print the rows of docs/results.md from run folders: `python docs/make_results.py RUN...`.

Beside each run after the first stands the difference of the first run's accuracy to it, on the same test images, with
a 95 % interval over subjects.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.evaluation import Predictions

RESAMPLES = 5000


def row(run: Path, first: Path) -> list[str]:
    """The figures of one run."""
    summary = json.loads((run / "summary.json").read_text())
    low, high = summary["test"]["accuracy_interval"]
    folds = [f"{100 * accuracy:.1f}" for accuracy in summary.get("folds", [summary["test"]["accuracy"]])]
    generator = summary.get("generator")
    return [
        f"`{summary['recipe']}`",
        f"**{percent(summary['test']['accuracy'])}** ({percent(low)} to {percent(high)})",
        " ".join(folds),
        difference(first, run) if run != first else "",
        reference_error(generator["expressive"]) if generator else "",
    ]


def percent(share: float) -> str:
    """A share as people write it."""
    return f"{100 * share:.1f}"


def reference_error(errors: dict[str, Any]) -> str:
    """Squared error of the generated reference, and of the copy of the query."""
    return f"{errors['generated']['mse']:.5f} (copy {errors['copy']['mse']:.5f})"


def difference(first: Path, second: Path) -> str:
    """Accuracy of the first minus the second in points, with its interval over subjects."""
    one, other = (Predictions.read_csv(run / "predictions.csv") for run in (first, second))
    right = {image: bool(hit) for image, hit in zip(other.images, other.correct, strict=True)}
    gain = np.array([int(hit) - right[image] for image, hit in zip(one.images, one.correct, strict=True)])
    subjects = np.array(one.subjects)
    groups = [gain[subjects == subject] for subject in np.unique(subjects)]
    rng = np.random.default_rng(0)
    draws = rng.integers(len(groups), size=(RESAMPLES, len(groups)))
    sums, sizes = (np.array([function(group) for group in groups]) for function in (np.sum, len))
    low, high = np.quantile(sums[draws].sum(axis=1) / sizes[draws].sum(axis=1), [0.025, 0.975])
    return f"{100 * gain.mean():+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"


def main() -> None:
    """Print a Markdown table."""
    runs = [Path(argument) for argument in sys.argv[1:]]
    columns = ["recipe", "accuracy, % (95 % over subjects)", "folds", "first minus this", "reference MSE"]
    for cells in (columns, ["---"] * len(columns), *(row(run, runs[0]) for run in runs)):
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
