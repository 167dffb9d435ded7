"""What a run may be called: its folder lies below `runs/` and nowhere else, on every file system."""

import re
from unicodedata import category

LONGEST_PIECE = 200
"""Bytes between two slashes; file systems take 255, and comparisons add to a name."""
LONGEST = 500
"""Bytes of the whole name."""
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
"""Devices of Windows, which cannot be folders there."""
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's categories of control characters, halves of characters and ends of lines."""
ALLOWED = "a name is one or more folders with / between them, such as `ar/vae_resnet`"


def check_name(name: str) -> str:
    """See that a name stays below the folder of all runs.

    Args:
        name: of a recipe; empty where the file names it.

    Returns:
        The name.

    Raises:
        ValueError: saying what is wrong with it and what is allowed.
    """
    pieces = name.split("/") if name else []
    reserved = [piece for piece in pieces if RESERVED.fullmatch(piece)]
    wrong = (
        "it begins with /" if name.startswith("/")
        else "it holds a backslash" if "\\" in name
        else "it holds a character that cannot be seen" if any(category(letter) in UNSEEN for letter in name)
        else "a folder between two slashes has no name" if any(not piece.strip() for piece in pieces)
        else "no folder is called . or .." if {".", ".."} & {piece.strip() for piece in pieces}
        else f"{reserved[0]} is a device on Windows" if reserved
        else "it is too long" if len(name.encode()) > LONGEST or any(_too_long(piece) for piece in pieces)
        else None
    )  # fmt: skip
    if wrong:
        raise ValueError(f"{wrong}; {ALLOWED}")
    return name


def _too_long(piece: str) -> bool:
    return len(piece.encode()) > LONGEST_PIECE
