"""Lists as published data sets have them: CSV with blanks in names and pixels in cells, or lines of text."""

from collections.abc import Iterator

from gcnet_core.data.text import Row, read_table
from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.tree import Tree


def rows(tree: Tree, name: str, *columns: str) -> Iterator[Row]:
    """The rows of a CSV file; blanks around names and cells do not count.

    Args:
        tree: of the data set.
        name: of the file in it.
        columns: names that it must have.

    Raises:
        UserError: as file:line, if a column is missing or a row is short.
    """
    _, found = read_table(tree.read(name), tree.path(name), columns)
    for row in found:
        yield row._replace(cells={column: cell.strip() for column, cell in row.cells.items()})


def lines(tree: Tree, name: str) -> Iterator[tuple[str, str]]:
    """The lines of a text file that are not blank, each with its file and number for messages."""
    for number, line in enumerate(tree.text(name).splitlines(), start=1):
        if line.strip():
            yield f"{tree.path(name)}:{number}", line


def code(row: Row, column: str, codes: dict[int, str]) -> str | None:
    """The expression whose number stands in a cell; None for a number that is no expression.

    Raises:
        UserError: as file:line, if it is not a whole number.
    """
    text = row.cells[column]
    try:
        number = float(text)
        if not number.is_integer():
            raise ValueError(text)
    except (ValueError, OverflowError) as error:
        raise UserError(f"{row.where}: {column} is {text!r}, not a whole number") from error
    return codes.get(int(number))
