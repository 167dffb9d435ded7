"""Whose a list is: a name that many use, such as train.csv, is a data set's own only by what stands in it."""

import re

from gcnet_datasets.files.tree import Tree

HEAD = 4096
"""Bytes in which the names of columns stand."""


def bears(tree: Tree, name: str, *columns: str) -> bool:
    """Whether the first line of a list names a column that a data set has, whatever separates them.

    Args:
        tree: of the data set.
        name: of the list in it.
        columns: of which one is enough; upper and lower case count alike.
    """
    known = name in tree.lists
    head = tree.read(name)[:HEAD].decode("utf-8-sig", errors="replace")
    if not known:
        tree.lists.discard(name)  # only looked at
    first = head.splitlines()[0] if head.strip() else ""
    found = {cell.strip(" \"'").lower() for cell in re.split(r"[,;\t|]", first)}
    return any(column.lower() in found for column in columns)
