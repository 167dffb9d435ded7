"""An outline of a folder or archive, two levels deep with counts, for the message that something else was expected."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from gcnet_core.data.archives import is_archive, open_archive
from gcnet_core.data.folders import below
from gcnet_core.data.picture_files import is_hidden

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
        names = (path.relative_to(place).as_posix() for path in below(place))
    elif is_archive(place) and place.is_file():
        names = open_archive(place).names
    return (PurePosixPath(name).parts for name in names if not is_hidden(name))


def _counted(below: Counter[str]) -> str:
    total = sum(below.values())
    folders = [f"{name}/ ({count})" for name, count in sorted(below.items()) if name]
    shown = f": {', '.join(_first(folders, ''))}" if folders else ""
    return f"{total:,} file{'s' if total > 1 else ''}{shown}"


def _first(entries: list[str], indent: str) -> list[str]:
    more = [f"{indent}and {len(entries) - ENTRIES} more"] if len(entries) > ENTRIES else []
    return entries[:ENTRIES] + more
