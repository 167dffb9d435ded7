"""Rows: what was found, written as it comes, as CSV, JSON lines or one JSON object; memory does not grow with it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO, runtime_checkable

from gcnet_core.inference.options import Format
from gcnet_core.inference.results import FaceResult, Results
from gcnet_core.output.cells import CsvTable
from gcnet_core.plugin_api import UserError

Head = dict[str, Any]
"""What is true of all rows, by name."""


def format_of(output: Path, given: Format | None = None) -> Format:
    """The format that a file's name tells.

    Args:
        output: the file.
        given: what the user asks for, where the name tells nothing.

    Raises:
        UserError: if it tells none, or another one.
    """
    told = output.suffix.lower().removeprefix(".")
    files = [form for form in Format if form is not Format.table]
    if told not in files:
        if given in files:
            return given
        raise UserError(f"--output {output}: expected a name that ends in .csv, .json or .jsonl")
    if given not in (None, told):
        raise UserError(f"--output {output}: its name says {told}, --format says {given}")
    return Format(told)


@runtime_checkable
class RowWriter(Protocol):
    """Writes the faces of one picture after another."""

    def write(self, faces: Sequence[FaceResult]) -> None:
        """Write the faces of a picture, or why there are none."""

    def close(self, end: Mapping[str, Any]) -> None:
        """Write what is only known in the end."""


def row_writer(form: Format, file: TextIO, classes: tuple[str, ...], head: Mapping[str, Any]) -> RowWriter:
    """The writer of a format.

    Args:
        form: CSV, JSON or JSON lines.
        file: open for text, with line ends as they are written.
        classes: expressions in the order of the model.
        head: what is true of all rows, which JSON has room for.
    """
    if form is Format.json:
        return JsonWriter(file, classes, head)
    return CsvWriter(file, classes) if form is Format.csv else JsonLinesWriter(file, classes)


class CsvWriter:
    """A table with one header line, safe to be opened in a spreadsheet.

    Args:
        file: open for text.
        classes: expressions in the order of the model.
    """

    def __init__(self, file: TextIO, classes: tuple[str, ...]) -> None:
        self.file, self.classes = file, classes
        self.table = CsvTable(file)
        self.table.write(Results([FaceResult("")], classes).to_rows()[0])

    def write(self, faces: Sequence[FaceResult]) -> None:
        """See `RowWriter`."""
        for row in Results(faces, self.classes).to_rows():
            self.table.write(map(_rounded, row.values()))
        self.file.flush()

    def close(self, end: Mapping[str, Any]) -> None:
        """See `RowWriter`; a table has no place for more."""


class JsonLinesWriter:
    """One JSON object a line.

    Args:
        file: open for text.
        classes: expressions in the order of the model.
    """

    def __init__(self, file: TextIO, classes: tuple[str, ...]) -> None:
        self.file, self.classes = file, classes

    def write(self, faces: Sequence[FaceResult]) -> None:
        """See `RowWriter`."""
        for row in Results(faces, self.classes).to_rows():
            self.file.write(_json(row) + "\n")
        self.file.flush()

    def close(self, end: Mapping[str, Any]) -> None:
        """See `RowWriter`; each line is complete."""


class JsonWriter:
    """One JSON object: what is true of all rows, the rows, then what is known in the end.

    Args:
        file: open for text.
        classes: expressions in the order of the model.
        head: what comes before the rows; not empty.
    """

    def __init__(self, file: TextIO, classes: tuple[str, ...], head: Mapping[str, Any]) -> None:
        self.file, self.classes, self.separator = file, classes, ""
        self.file.write(_json(dict(head)).removesuffix("}") + ', "rows": [')

    def write(self, faces: Sequence[FaceResult]) -> None:
        """See `RowWriter`."""
        for row in Results(faces, self.classes).to_rows():
            self.file.write(f"{self.separator}\n{_json(row)}")
            self.separator = ","
        self.file.flush()

    def close(self, end: Mapping[str, Any]) -> None:
        """See `RowWriter`."""
        self.file.write("\n], " + _json(dict(end)).removeprefix("{") + "\n")
        self.file.flush()


def _rounded(value: object) -> object:
    return round(float(value), 6) if isinstance(value, float) else value  # numpy's floats too, which print otherwise


def _json(value: Mapping[str, Any]) -> str:
    rounded = {key: _rounded(item) for key, item in value.items()}
    return json.dumps(rounded, ensure_ascii=False, default=float)
