"""The text of a recipe file, whatever bytes stand in it: what is no text of a recipe is told at its place."""

import json
import math
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any

from gcnet_core.recipe.problems import Place, Problems

LARGEST = 1_000_000
"""Bytes of a recipe at most; a thousand times a usual one. Endless files end here too."""
MARKS = {BOM_UTF8: "utf-8-sig", BOM_UTF16_LE: "utf-16", BOM_UTF16_BE: "utf-16"}
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # of YAML 1.2, 5.1


def read_text(path: Path, problems: Problems) -> str:
    """The text of a file in UTF-8, or in UTF-16 if it says so by its first bytes.

    Args:
        path: of the file.
        problems: where it is told why there is no text.

    Returns:
        The text with line ends `\\n`; empty where it cannot be had.
    """
    start = Place(str(path), 1, 1)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        problems.add(start, f"cannot be read: {error.strerror}", fatal=True)
        return ""
    if len(data) > LARGEST:
        problems.add(
            start, f"this file has more than {LARGEST:,} bytes, which no recipe has; is it another one?", fatal=True
        )
        return ""
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return _with_plain_line_ends(data.decode(encoding))
    except UnicodeDecodeError as error:
        before = _with_plain_line_ends(data[: error.start].decode(encoding, "replace"))
        message = f"the byte 0x{data[error.start]:02x} is not {encoding[:6].upper()}; save the file as UTF-8"
        problems.add(place_after(before, str(path)), message, fatal=True)
        return ""


def unprintable(text: str, file: str, column: int = 1) -> tuple[Place, str] | None:
    """The first character that cannot stand in YAML, such as NUL: where, and what is wrong; None if there is none.

    Args:
        text: to look at.
        file: its name in the place.
        column: of the first character of the text.
    """
    found = UNPRINTABLE.search(text)
    if found is None:
        return None
    reason = f"the character U+{ord(found[0]):04X} cannot stand in a recipe; remove it, the file may be damaged"
    return place_after(text[: found.start()], file, column), reason


def place_after(before: str, file: str, column: int = 1) -> Place:
    """The place behind some text, which begins in the given column."""
    lines = before.count("\n")
    return Place(file, lines + 1, len(before) - before.rfind("\n") + (0 if lines else column - 1))


def one_line(value: Any) -> str:
    """A value as YAML in one line that is read as the same value: JSON, but for the numbers that JSON lacks."""
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{one_line(str(key))}: {one_line(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(one_line, value))}]"
    return json.dumps(value, default=str, ensure_ascii=False)


def _with_plain_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
