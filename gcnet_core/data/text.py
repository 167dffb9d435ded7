"""Text and tables that people wrote: UTF-8, or UTF-16 with its mark; whatever is wrong is told with file and line."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gcnet_core.output.cells import exact
from gcnet_core.plugin_api import UserError

LONGEST_CELL = 2**24
"""Characters: 48 x 48 pixels in one cell are 9,000."""


class Row(NamedTuple):
    """One row of a table.

    Args:
        number: from 0, without the line of names.
        where: file and line, for messages.
        cells: values by column, as they were before `gcnet_core.output.cells` made them safe.
    """

    number: int
    where: str
    cells: dict[str, str]


def read_text(content: bytes, where: object) -> str:
    """The text of a file.

    Args:
        content: of the file.
        where: it lies, for the message.

    Raises:
        UserError: as file:line, if it is not UTF-8, nor UTF-16 that begins with its mark, or is no text.
    """
    encoding = _encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte, name = content[error.start : error.start + 1].hex().upper(), encoding.removesuffix("-sig").upper()
        raise UserError(f"{where}:{line}: the byte {byte} is not {name}; save the file as UTF-8") from error
    zero = text.find("\0")
    if zero >= 0:
        line = text.count("\n", 0, zero) + 1
        raise UserError(f"{where}:{line}: a zero byte: no text, or UTF-16 without its mark; save it as UTF-8")
    return text


def _encoding(content: bytes) -> str:
    return "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def read_table(content: bytes, where: object, columns: Sequence[str] = ()) -> tuple[list[str], Iterator[Row]]:
    """A list with commas between its cells, and names of columns in its first line.

    Args:
        content: of the file.
        where: it lies, for messages.
        columns: names that it must have.

    Returns:
        The names of its columns without blanks around them, and its rows, which raise a UserError as file:line where
        they are wrong.

    Raises:
        UserError: as file:line, if it is no text, or a column is missing or named twice.
    """
    reader = _cells(content, where)
    _, names = next(reader, (1, []))
    header = [exact(name).strip() for name in names]
    absent = [column for column in columns if column not in header]
    if absent:
        raise UserError(f"{where}:1: no column {', '.join(absent)}; found {found(header)}")
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice:
        raise UserError(f"{where}:1: two columns are called {twice}")
    return header, _rows(reader, header, where)


def found(header: Sequence[str]) -> str:
    """The names of the columns for a message, and what to do where something else than commas stands between them."""
    sign = next((sign for sign in (";", "\t") if len(header) == 1 and sign in header[0]), None)
    names = ", ".join(header) or "nothing"
    return f"{names}; write commas between the columns instead of {sign!r}" if sign else names


def _rows(reader: Iterator[tuple[int, list[str]]], header: Sequence[str], where: object) -> Iterator[Row]:
    for number, (line, cells) in enumerate(reader):
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            raise UserError(f"{where}:{line}: {len(cells)} cells, but {len(header)} columns")
        yield Row(number, f"{where}:{line}", dict(zip(header, map(exact, cells), strict=False)))


def _cells(content: bytes, where: object) -> Iterator[tuple[int, list[str]]]:
    """Number of the last line and cells of each row that is not empty; the line ends of all systems count."""
    csv.field_size_limit(LONGEST_CELL)
    read_text(content, where)  # all of it, so that the first wrong byte is told with its line
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), _encoding(content), newline=""))
    try:
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise UserError(f"{where}:{reader.line_num}: {error}; is a quotation mark not closed?") from error
