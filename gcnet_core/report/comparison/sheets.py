"""The tables of a comparison as CSV, numbers as they are."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from gcnet_core.report.comparison.tables import FIGURES
from gcnet_core.report.page import telling_errors


def recipes_csv(measured: dict[str, Any]) -> str:
    """One row for each recipe, numbers as they are."""
    rows = []
    for entry in measured["recipes"]:
        row = {name: entry[name] for name in ("name", "jobs", "planned", "images", "subjects")}
        for name in FIGURES:
            row |= {name: entry[name]}
            row |= {
                f"{name}_{end}": value for end, value in zip(("low", "high"), entry[f"{name}_interval"], strict=True)
            }
        errors = telling_errors(entry["generator"])
        row |= {
            "true_reference": entry["true_reference"],
            "reference_mse": errors and errors["generated"]["mse"],
            "copy_mse": errors and errors["copy"]["mse"],
            "mean_face_mse": errors and errors["mean_face"]["mse"],
            "parameters": entry["parameters"],
            "seconds": entry["seconds"],
        }
        rows.append(row | {f"recall_{name}": value for name, value in entry["recall"].items()})
    return as_csv(rows)


def pairs_csv(measured: dict[str, Any]) -> str:
    """One row for each pair of recipes, numbers as they are."""
    rows = []
    for pair in measured["pairs"]:
        low, high = pair["interval"] or (None, None)
        balanced_low, balanced_high = pair.get("balanced_interval") or (None, None)
        row = {name: value for name, value in pair.items() if not name.endswith("interval")}
        rows.append(row | {"low": low, "high": high, "balanced_low": balanced_low, "balanced_high": balanced_high})
    return as_csv(rows)


def cross_dataset_csv(measured: dict[str, Any]) -> str:
    """One row for each recipe on each of the other data, numbers as they are."""
    rows = []
    for entry in measured.get("cross_dataset", ()):
        row = {name: entry.get(name) for name in ("recipe", "data", "overlap", "jobs", "images", "skipped", "subjects")}
        for name in ("accuracy", "balanced_accuracy", "macro_f1"):
            low, high = entry.get(f"{name}_interval") or (None, None)
            row |= {name: entry.get(name), f"{name}_low": low, f"{name}_high": high}
        rows.append(row | {"common": " ".join(entry.get("common", ()))})
    return as_csv(rows)


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """Rows under the names of all their columns; what a row lacks stays empty."""
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
