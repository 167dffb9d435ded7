"""The tables of models on other data: training set against test set."""

from gcnet_core.report.comparison.table import Table, with_interval
from gcnet_core.report.text import ABSENT, count
from gcnet_core.runs.comparison import Comparison, CrossDatasetEntry, CrossDatasetFigures, RecipeFigures

OWN = "own test people"
NO_FIGURE = {"same": "its own data", "some": "trained on them"}
"""What stands in place of a figure where a model would meet people of its training."""


def cross_dataset_matrix(measured: Comparison) -> Table:
    """Balanced accuracy: a row for each recipe, a column for each test set, its own people first."""
    entries = {(entry.recipe, entry.data): entry for entry in measured.cross_dataset}
    names = list(dict.fromkeys(data for _, data in entries))
    rows = [
        [own.name, _cell(own), *(_cell(entries[own.name, name]) for name in names)] for own in measured.recipes if names
    ]
    title = "Across data sets: balanced accuracy, with 95% intervals over subjects"
    return Table(title, ["trained with", OWN, *names], rows)


def cross_dataset_table(measured: Comparison) -> Table:
    """Everything about each recipe on each of the other data."""
    return Table(
        "Models on other data, of which they saw nothing: answers of all jobs",
        ["trained with, tested on", "images", "left out", "classes in common", "accuracy", "balanced accuracy"],
        [
            [
                f"{entry.recipe}, {entry.data}",
                count(entry.images),
                count(entry.skipped),
                str(len(entry.common)),
                with_interval(entry.accuracy, entry.accuracy_interval),
                _cell(entry),
            ]
            for entry in measured.cross_dataset
            if isinstance(entry, CrossDatasetFigures)
        ],
    )


def _cell(entry: RecipeFigures | CrossDatasetEntry) -> str:
    if isinstance(entry, RecipeFigures | CrossDatasetFigures):
        return with_interval(entry.balanced_accuracy, entry.balanced_accuracy_interval)
    return NO_FIGURE.get(entry.overlap, ABSENT)
