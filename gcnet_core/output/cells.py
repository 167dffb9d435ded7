"""Cells of CSV files: safe in a spreadsheet, and read back exactly.

A spreadsheet may compute a cell that begins with one of = + - @ (wide ones too), a tab or a line end. It gets an
apostrophe in front, as OWASP advises; one that has apostrophes there already gets one more, so that taking one away is
exact. Numbers stay as they are. Halves of characters, which UTF-8 cannot hold and which stand for the bytes of a file
name that is not UTF-8, are written as `\\udcff`; backslashes before what looks like that are doubled.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"'*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
HALF = re.compile("(\\\\*)([\ud800-\udfff]|(?<=\\\\)u[dD][89a-fA-F][0-9a-fA-F]{2})")
WRITTEN = re.compile(r"(\\+)(u[dD][89a-fA-F][0-9a-fA-F]{2})")


def safe(text: str) -> str:
    """A text as it is written into a cell; `exact` takes it back."""
    text = HALF.sub(_written, text)
    return f"'{text}" if _is_marked(text) else text


def exact(cell: str) -> str:
    """The text of a cell that `safe` wrote; any other cell is its own text."""
    if cell.startswith("'") and _is_marked(cell):
        cell = cell[1:]
    return WRITTEN.sub(_read, cell)


def exact_row(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """A row of `csv.DictReader` with its names and cells as they were before they were written."""
    return {
        exact(name) if isinstance(name, str) else name: exact(cell) if isinstance(cell, str) else cell
        for name, cell in row.items()
    }


class CsvTable:
    """Writes rows of texts and numbers.

    Args:
        file: open for text, with line ends as they are written.
    """

    def __init__(self, file: TextIO) -> None:
        self.file, self._row = file, io.StringIO()
        # with these line ends Python puts cells that hold either of them into quotes
        self._writer = csv.writer(self._row, lineterminator="\r\n")

    def write(self, cells: Iterable[object]) -> None:
        """Write a row; None is an empty cell."""
        self._row.seek(0)
        self._row.truncate()
        self._writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in cells])
        self.file.write(self._row.getvalue().removesuffix("\r\n") + "\n")


def _is_marked(text: str) -> bool:
    """Whether a spreadsheet would compute a text, whatever apostrophes stand in front."""
    return FORMULA.match(text) is not None and NUMBER.match(text) is None


def _written(found: re.Match[str]) -> str:
    backslashes, letter = found.groups()
    if len(letter) > 1:  # looks like an escape and is none
        return 2 * backslashes + letter
    return f"{2 * backslashes}\\u{ord(letter):04x}"


def _read(found: re.Match[str]) -> str:
    backslashes, code = found.groups()
    kept = backslashes[: len(backslashes) // 2]
    return kept + (chr(int(code[1:], 16)) if len(backslashes) % 2 else code)
