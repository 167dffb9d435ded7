"""What a check of data found: a table for the terminal, a page with pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from gcnet_core.data_validation.check import DataValidation
from gcnet_core.data_validation.image_stats import ImageStats
from gcnet_core.files import write_text
from gcnet_core.output.visible import one_line
from gcnet_core.plugin_api import Sample
from gcnet_core.report.data_uri import png_uri
from gcnet_core.report.templates import render
from gcnet_core.storage import versions

SHOWN = 24
"""Groups of images that the page shows of each finding; the JSON names all."""
COUNTED = 20
"""Numbers that a line of counts shows; the JSON has all, such as the images of each person."""


def validation_table(title: str, validation: DataValidation) -> Table:
    """Counts and findings for the terminal."""
    table = Table(title=one_line(title), title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, numbers in _shown_counts(validation).items():
        table.add_row(name, ", ".join(f"{one_line(key)} {number:,}" for key, number in numbers.items()))
    styles = {"error": "red", "warning": "yellow", "note": ""}
    for finding in validation.findings:
        number = f"{finding.count:,} " if finding.count else ""
        table.add_row(finding.severity, f"{number}{finding.text}", style=styles[finding.severity])
    if not validation.findings:
        table.add_row("", "nothing to complain of", style="green")
    return table


def write_data_validation(
    page: Path, title: str, validation: DataValidation, stats: ImageStats, samples: Sequence[Sample]
) -> None:
    """Write the page.

    Args:
        page: where to.
        title: of the data.
        validation: what was found.
        stats: thumbnails of the images.
        samples: their labels.
    """
    row = {name: index for index, name in enumerate(stats.names)}
    of_name = {sample.image: sample for sample in samples}

    def picture(name: str) -> dict[str, Any]:
        facts = _facts(of_name[name]) if name in of_name else "a reference"
        return {"name": name, "facts": facts, "uri": _uri(stats, row[name])}

    def shown(groups: tuple[tuple[str, ...], ...]) -> list[list[dict[str, Any]]]:
        step = max(len(groups) // SHOWN, 1)  # spread over all of them
        return [[picture(name) for name in group] for group in groups[::step][:SHOWN]]

    findings = [
        {
            "severity": finding.severity,
            "count": finding.count,
            "text": finding.text,
            "groups": shown(finding.images),
            "all": len(finding.images),
        }
        for finding in validation.findings
    ]
    values = {
        "title": title,
        "counts": _shown_counts(validation),
        "by_part": validation.by_part,
        "findings": findings,
        "versions": versions(),
    }
    write_text(page, render("data_validation.html", values))


def _shown_counts(validation: DataValidation) -> dict[str, dict[str, int]]:
    return {name: numbers for name, numbers in validation.counts.items() if 0 < len(numbers) <= COUNTED}


def _facts(sample: Sample) -> str:
    """What the data set says of an image."""
    fold = None if sample.fold is None else f"fold {sample.fold}"
    facts = (sample.expression, sample.subject, sample.usage, fold)
    return ", ".join(filter(None, facts))


def _uri(stats: ImageStats, row: int) -> str | None:
    if stats.faults[row]:
        return None
    return png_uri(stats.thumbnails[row])
