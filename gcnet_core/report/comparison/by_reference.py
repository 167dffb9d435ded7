"""The table of recipes by what their models are given beside the query."""

from gcnet_core.report.by_reference import GIVEN
from gcnet_core.report.comparison.table import Table, with_interval
from gcnet_core.report.text import ABSENT, count
from gcnet_core.runs import Comparison
from gcnet_core.runs.comparison import RecipeFigures


def by_reference_table(measured: Comparison) -> Table:
    """A row for each recipe whose model compares, a column for each thing that it is given; no rows if all give one."""
    several = any(len(entry.by_reference) > 1 for entry in measured.recipes)
    shown = [name for name in GIVEN if any(name in entry.by_reference for entry in measured.recipes)]
    return Table(
        "Accuracy by what is given beside the query, on the same images, with 95% intervals over subjects",
        ["recipe", "answers", *(GIVEN[name] for name in shown)],
        [
            [entry.name, _answers(entry), *(_cell(entry, name) for name in shown)]
            for entry in measured.recipes
            if several and entry.by_reference
        ],
    )


def _answers(entry: RecipeFigures) -> str:
    """Their number; one for each column where they are not on the same images."""
    numbers = [metrics.images for metrics in entry.by_reference.values()]
    return count(numbers[0]) if len(set(numbers)) == 1 else "/".join(map(count, numbers))


def _cell(entry: RecipeFigures, name: str) -> str:
    metrics = entry.by_reference.get(name)  # type: ignore[call-overload]
    return with_interval(metrics.accuracy, metrics.accuracy_interval) if metrics else ABSENT
