"""The tables with which `gcnet compare` ends."""

from pathlib import Path

from rich import table as rich_table
from rich.box import SIMPLE_HEAD
from rich.measure import Measurement

from gcnet_core.output.console import Console
from gcnet_core.output.visible import one_line
from gcnet_core.report.comparison.table import Table
from gcnet_core.report.comparison.tables import all_tables
from gcnet_core.runs import ComparisonFolder
from gcnet_core.runs.files import COMPARISON, REPORT


def print_comparison(folder: Path, console: Console, as_json: bool = False) -> int:
    """Tell what a comparison found.

    Args:
        folder: of a finished comparison.
        console: where the tables go.
        as_json: print comparison.json to standard output instead.

    Returns:
        The number of jobs that failed.
    """
    measured = ComparisonFolder(folder).figures
    if as_json:
        print((folder / COMPARISON).read_text(encoding="utf-8"), end="")
    else:
        for table in all_tables(measured):
            console.print(fitting(table, console))
        console.print(f"report {one_line(str(folder / REPORT))}", highlight=False, soft_wrap=True)
    return len(measured.failures)


def fitting(table: Table, console: Console) -> rich_table.Table:
    """A table as the terminal draws it; one with more columns than fit is turned over."""
    drawn = as_rich(table)
    wide = Measurement.get(console, console.options.update(max_width=10_000), drawn).minimum > console.width
    return as_rich(table.transposed()) if wide and len(table.rows) < len(table.columns) - 1 else drawn


def as_rich(table: Table) -> rich_table.Table:
    """A table as the terminal draws it."""
    drawn = rich_table.Table(
        title=one_line(table.title),
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1),
        pad_edge=False,
    )
    first, *others = table.columns
    drawn.add_column(one_line(first), overflow="fold", min_width=12)
    for column in others:
        drawn.add_column(one_line(column).replace(" ", "\n"), justify="right", no_wrap=True)
    for row in table.rows:
        name, *cells = map(one_line, row)
        drawn.add_row(name, *(cell.replace(" (", "\n(") for cell in cells))  # intervals below their figures
    return drawn
