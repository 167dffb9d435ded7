"""An outline of a folder or archive, two levels deep with counts, for the message that something else was expected."""

import os
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ENTRIES = 8
"""Names shown on a level; the rest is counted."""


def outline(place: Path) -> str:
    """What lies in a folder or zip archive: `  happy/ 12 files: a/ (6), b/ (6)`, a line for each entry.

    Args:
        place: folder or archive; hidden files and folders in it do not count.
    """
    inside: dict[str, Counter[str]] = {}
    loose = []
    for parts in _files(place):
        if len(parts) == 1:
            loose.append(parts[0])
        else:
            inside.setdefault(parts[0], Counter())[parts[1] if len(parts) > 2 else ""] += 1
    entries = [f"  {folder}/ {_counted(below)}" for folder, below in sorted(inside.items())]
    entries += [f"  {name}" for name in sorted(loose)]
    return "\n".join(_first(entries, "  ")) or "  nothing"


def _files(place: Path) -> Iterator[tuple[str, ...]]:
    """The parts of the path of each file that is not hidden."""
    names: Iterable[str] = ()
    if place.is_dir():
        names = (os.path.relpath(os.path.join(at, name), place) for at, _, files in os.walk(place) for name in files)
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
    for name in names:
        parts = PurePosixPath(name.replace(os.sep, "/")).parts
        if not any(part.startswith((".", "__MACOSX")) for part in parts):
            yield parts


def _counted(below: Counter[str]) -> str:
    total = sum(below.values())
    folders = [f"{name}/ ({count})" for name, count in sorted(below.items()) if name]
    shown = f": {', '.join(_first(folders, ''))}" if folders else ""
    return f"{total:,} file{'s' if total > 1 else ''}{shown}"


def _first(entries: list[str], indent: str) -> list[str]:
    more = [f"{indent}and {len(entries) - ENTRIES} more"] if len(entries) > ENTRIES else []
    return entries[:ENTRIES] + more
