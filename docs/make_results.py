"""Print the table of runs of docs/lab from run folders: `python docs/make_results.py RUN...`.

Beside each run after the first stands the difference of the first run's accuracy to it, on the same test images, with
a 95 % interval over subjects.
"""

import sys
from pathlib import Path

from gcnet_core.evaluation.paired import pair_up, paired_comparison
from gcnet_core.report.text import points, points_interval
from gcnet_core.runs import ReferenceErrors, Run

RESAMPLES = 5000
COLUMNS = ("recipe", "accuracy, % (95 % over subjects)", "folds", "first minus this", "reference MSE")


def row(run: Run, first: Run) -> list[str]:
    """The figures of one run."""
    summary = run.summary
    low, high = summary.test.accuracy_interval
    expressive = summary.generator.expressive if summary.generator else None
    return [
        f"`{summary.recipe}`",
        f"**{percent(summary.test.accuracy)}** ({percent(low)} to {percent(high)})",
        " ".join(percent(accuracy) for accuracy in summary.folds or (summary.test.accuracy,)),
        difference(first, run) if run is not first else "",
        reference_error(expressive) if expressive else "",
    ]


def percent(share: float) -> str:
    """A share without its sign, which stands in the head of the column."""
    return f"{100 * share:.1f}"


def reference_error(errors: ReferenceErrors) -> str:
    """Squared error of the generated reference, and of the copy of the query."""
    return f"{errors.generated.mse:.5f} (copy {errors.query_copy.mse:.5f})"


def difference(first: Run, second: Run) -> str:
    """Accuracy of the first minus the second in points, with its interval over subjects."""
    pairs = pair_up({(0, 0): first.predictions}, {(0, 0): second.predictions})  # one trial: folds of a run are pooled
    figures = paired_comparison(pairs, None, RESAMPLES, seed=0)
    return f"{points(figures.difference)} ({points_interval(figures.interval)})"


def table(folders: list[Path]) -> str:
    """The runs as a Markdown table."""
    runs = [Run(folder) for folder in folders]
    lines = [COLUMNS, ("---",) * len(COLUMNS), *(row(run, runs[0]) for run in runs)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    print(table([Path(argument) for argument in sys.argv[1:]]))
