"""Print the table of runs of docs/lab from run folders: `python docs/make_results.py RUN...`.

Beside each run after the first stands the difference of the first run's accuracy to it, on the same test images, with
a 95 % interval over subjects.
"""

import json
import sys
from pathlib import Path
from typing import Any

from gcnet_core.evaluation import Predictions
from gcnet_core.evaluation.paired import pair_up, paired_comparison
from gcnet_core.report.text import points, points_interval

RESAMPLES = 5000
COLUMNS = ("recipe", "accuracy, % (95 % over subjects)", "folds", "first minus this", "reference MSE")


def row(run: Path, first: Path) -> list[str]:
    """The figures of one run."""
    summary = json.loads((run / "summary.json").read_text(encoding="utf-8"))
    low, high = summary["test"]["accuracy_interval"]
    folds = summary.get("folds", [summary["test"]["accuracy"]])
    generator = summary.get("generator")
    return [
        f"`{summary['recipe']}`",
        f"**{percent(summary['test']['accuracy'])}** ({percent(low)} to {percent(high)})",
        " ".join(percent(accuracy) for accuracy in folds),
        difference(first, run) if run != first else "",
        reference_error(generator["expressive"]) if generator else "",
    ]


def percent(share: float) -> str:
    """A share without its sign, which stands in the head of the column."""
    return f"{100 * share:.1f}"


def reference_error(errors: dict[str, Any]) -> str:
    """Squared error of the generated reference, and of the copy of the query."""
    return f"{errors['generated']['mse']:.5f} (copy {errors['copy']['mse']:.5f})"


def difference(first: Path, second: Path) -> str:
    """Accuracy of the first minus the second in points, with its interval over subjects."""
    one, other = (Predictions.read_csv(run / "predictions.csv") for run in (first, second))
    pairs = pair_up({(0, 0): one}, {(0, 0): other})  # one trial: folds of a run are pooled
    figures = paired_comparison(pairs, None, RESAMPLES, seed=0)
    return f"{points(figures['difference'])} ({points_interval(figures['interval'])})"


def table(runs: list[Path]) -> str:
    """The runs as a Markdown table."""
    lines = [COLUMNS, ("---",) * len(COLUMNS), *(row(run, runs[0]) for run in runs)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    print(table([Path(argument) for argument in sys.argv[1:]]))
