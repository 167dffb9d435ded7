"""A titled table of text, the same on the terminal, in Markdown and on the page."""

from collections.abc import Sequence
from dataclasses import dataclass

from gcnet_core.output.markdown import markdown
from gcnet_core.report.text import percent


@dataclass(frozen=True)
class Table:
    """A titled table.

    Args:
        title: what it shows.
        columns: their heads; the first column names the row.
        rows: cells as text.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def transposed(self) -> "Table":
        """The same with a row for each column."""
        first, *columns = zip(self.columns, *self.rows, strict=True)
        return Table(self.title, first, columns)

    def markdown(self) -> str:
        """The table in Markdown."""
        head, *rows = ([markdown(cell) for cell in line] for line in (self.columns, *self.rows))
        lines = [head, ["---"] + ["--:"] * (len(self.columns) - 1), *rows]
        return f"**{markdown(self.title)}**\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def with_interval(share: float, interval: Sequence[float]) -> str:
    """A share and its interval as `85.0% (82.9–87.7)`; short, because every cell has one."""
    low, high = (100 * bound for bound in interval)
    return f"{percent(share)} ({low:.1f}–{high:.1f})"
