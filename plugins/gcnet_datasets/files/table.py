"""Lists as published data sets have them: CSV with blanks in names and pixels in cells, or lines of text."""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.tree import Tree


class Row(NamedTuple):
    """One row of a CSV file.

    Args:
        number: from 0, without the line of names.
        where: file and line, for messages.
        cells: values by column.
    """

    number: int
    where: str
    cells: dict[str, str]


def rows(tree: Tree, name: str, *columns: str) -> Iterator[Row]:
    """The rows of a CSV file; blanks around names and cells do not count.

    Args:
        tree: of the data set.
        name: of the file in it.
        columns: names that it must have.

    Raises:
        UserError: as file:line, if a column is missing or a row is short.
    """
    csv.field_size_limit(1 << 24)  # 48 x 48 pixels are 9,000 characters, others are larger
    content = io.BytesIO(tree.read(name))
    with io.TextIOWrapper(content, encoding="utf-8-sig", errors="replace", newline=None) as text:
        reader = csv.reader(text)  # newline=None: the line ends of all systems count, the old ones of one return too
        header = [cell.strip() for cell in next(reader, [])]
        absent = [column for column in columns if column not in header]
        if absent:
            raise UserError(f"{tree.root / name}:1: no column {', '.join(absent)}; found {', '.join(header)}")
        for number, cells in enumerate(filter(None, reader)):
            where = f"{tree.root / name}:{reader.line_num}"
            if len(cells) < len(header):
                raise UserError(f"{where}: {len(cells)} cells, but {len(header)} columns")
            values = [cell.strip() for cell in cells]
            yield Row(number, where, dict(zip(header, values, strict=False)))


def lines(tree: Tree, name: str) -> Iterator[tuple[str, str]]:
    """The lines of a text file that are not blank, each with its file and number for messages."""
    for number, line in enumerate(tree.text(name).splitlines(), start=1):
        if line.strip():
            yield f"{tree.root / name}:{number}", line


def code(row: Row, column: str, codes: dict[int, str]) -> str | None:
    """The expression whose number stands in a cell; None for a number that is no expression.

    Raises:
        UserError: as file:line, if it is not a number.
    """
    text = row.cells[column]
    try:
        return codes.get(int(float(text)))
    except ValueError as error:
        raise UserError(f"{row.where}: {column} is {text!r}, not a number") from error
