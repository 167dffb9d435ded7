"""The tables of a comparison as CSV, numbers as they are."""

import io
from collections.abc import Iterable, Sequence

from gcnet_core.output.cells import CsvTable
from gcnet_core.report.comparison.tables import FIGURES
from gcnet_core.runs import Comparison, Interval, Metrics
from gcnet_core.runs.comparison import CrossDatasetFigures, RecipeFigures

SHARES = ("accuracy", "balanced_accuracy", "macro_f1")
CROSS_DATASET_COLUMNS = (
    "recipe", "data", "overlap", "jobs", "images", "skipped", "subjects",
    *(f"{name}{end}" for name in SHARES for end in ("", "_low", "_high")), "common",
)  # fmt: skip

Row = dict[str, str | float | None]


def recipes_csv(measured: Comparison) -> str:
    """One row for each recipe, numbers as they are."""
    return as_csv([_recipe_row(entry) for entry in measured.recipes])


def pairs_csv(measured: Comparison) -> str:
    """One row for each pair of recipes, numbers as they are."""
    rows = []
    for pair in measured.pairs:
        row = {name: value for name, value in pair.dump().items() if not name.endswith("interval")}
        rows.append(row | _bounds("", pair.interval) | _bounds("balanced_", pair.balanced_interval))
    return as_csv(rows)


def cross_dataset_csv(measured: Comparison) -> str:
    """One row for each recipe on each of the other data, numbers as they are."""
    rows = []
    for entry in measured.cross_dataset:
        row: Row = dict.fromkeys(CROSS_DATASET_COLUMNS)
        row |= {"recipe": entry.recipe, "data": entry.data, "overlap": entry.overlap, "common": ""}
        if isinstance(entry, CrossDatasetFigures):
            counts = ("jobs", "images", "skipped", "subjects")
            row |= {name: getattr(entry, name) for name in counts} | _shares(entry, SHARES)
            row["common"] = " ".join(entry.common)
        rows.append(row)
    return as_csv(rows)


def _recipe_row(entry: RecipeFigures) -> Row:
    errors = entry.generator.telling if entry.generator else None
    return {
        **{name: getattr(entry, name) for name in ("name", "jobs", "planned", "images", "subjects")},
        **_shares(entry, FIGURES),
        "true_reference": entry.true_reference,
        "reference_mse": errors and errors.generated.mse,
        "copy_mse": errors and errors.query_copy.mse,
        "mean_face_mse": errors and errors.mean_face.mse,
        **_by_reference(entry),
        "parameters": entry.parameters,
        "seconds": entry.seconds,
        **{f"recall_{name}": value for name, value in entry.recall.items()},
    }


def _by_reference(entry: RecipeFigures) -> Row:
    """Accuracy by what is given beside the query; nothing where there is only one such thing."""
    row: Row = {}
    for name, metrics in entry.by_reference.items() if len(entry.by_reference) > 1 else ():
        row |= {f"{name}_accuracy": metrics.accuracy, **_bounds(f"{name}_accuracy_", metrics.accuracy_interval)}
        row[f"{name}_answers"] = metrics.images
    return row


def _shares(entry: Metrics, names: Iterable[str]) -> Row:
    """Some figures, each with the bounds of its interval."""
    row: Row = {}
    for name in names:
        row |= {name: getattr(entry, name), **_bounds(f"{name}_", getattr(entry, f"{name}_interval"))}
    return row


def _bounds(prefix: str, interval: Interval | None) -> Row:
    low, high = interval or (None, None)
    return {f"{prefix}low": low, f"{prefix}high": high}


def as_csv(rows: Sequence[Row]) -> str:
    """Rows under the names of all their columns; what a row lacks stays empty."""
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = CsvTable(text)
    table.write(columns)
    for row in rows:
        table.write(map(row.get, columns))
    return text.getvalue()
