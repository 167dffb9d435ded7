"""All entries of the cache: which there are, and which go when room is needed."""

import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.data.cache.files import KNOWN, is_known
from gcnet_core.data.cache.key import is_key
from gcnet_core.data.cache.layout import SUFFIX, read_about
from gcnet_core.data.cache.place import LIMIT, cache_limit
from gcnet_core.plugin_api import UserError
from gcnet_core.temporary import remove_leftovers

LEFT_FREE = 2**30
"""Bytes of the disk that the cache leaves free."""
FORGOTTEN = 90 * 24 * 3600
"""Seconds after which it is looked up anew what some files hold."""


class NoRoom(Exception):
    """An entry is larger than what the cache, or the disk, may hold."""


@dataclass(frozen=True)
class Entry:
    """An entry of the cache.

    Args:
        path: of its file.
        size: bytes.
        used: when it was read last, in seconds since 1970.
    """

    path: Path
    size: int
    used: float

    @property
    def name(self) -> str:
        """By which a user names it."""
        return self.path.stem[:12]

    def about(self) -> dict[str, str]:
        """What was told of it when it was made: data, images, prepared."""
        return read_about(self.path)

    def remove(self) -> None:
        """Take it away; who reads it now reads on where the system keeps open files."""
        with suppress(FileNotFoundError):
            self.path.unlink()


def entries(folder: Path) -> list[Entry]:
    """All entries, those first that were not used for the longest time."""
    return sorted(_entries(folder), key=lambda entry: entry.used)


def note_use(path: Path) -> None:
    """Note that an entry is used now."""
    with suppress(OSError):  # of somebody else, or on a disk that is read-only
        os.utime(path)


def make_room(folder: Path, needed: int) -> None:
    """Remove what killed writers left, and entries that were not used for the longest time.

    Args:
        folder: of the cache.
        needed: bytes of an entry that is to be written.

    Raises:
        NoRoom: if it has no place even alone; nothing is removed then.
        UserError: if the limit in the environment is no number.
    """
    limit = cache_limit()
    if needed > limit:
        raise NoRoom(f"the cache would need {_size(needed)}, and {LIMIT} allows {_size(limit)}")
    remove_leftovers(folder, below=True)
    _forget(folder / KNOWN)
    free = shutil.disk_usage(folder).free - LEFT_FREE
    kept = entries(folder)
    taken = sum(entry.size for entry in kept)
    if needed > free + taken:
        raise NoRoom(
            f"the cache would need {_size(needed)} of a disk with {_size(free + LEFT_FREE)} free, of which "
            f"{_size(LEFT_FREE)} are left to others"
        )
    for entry in kept:
        if taken + needed <= limit and needed <= free:
            break
        entry.remove()
        taken, free = taken - entry.size, free + entry.size


def clear(folder: Path, names: Sequence[str], older_than: float | None) -> list[Entry]:
    """Remove entries.

    Args:
        folder: of the cache.
        names: of entries, or how they begin; none: all.
        older_than: days for which they were not used; None: whenever they were.

    Returns:
        Those that were removed.

    Raises:
        UserError: if there is none of a name.
    """
    found = entries(folder)
    for name in names:
        if not any(_is_named(entry, name) for entry in found):
            raise UserError(f"{name}: no entry of the cache; `gcnet cache list` names them")
    latest = time.time() - older_than * 24 * 3600 if older_than is not None else float("inf")
    chosen = [
        entry
        for entry in found
        if entry.used <= latest and (not names or any(_is_named(entry, name) for name in names))
    ]
    for entry in chosen:
        entry.remove()
    if folder.is_dir():
        remove_leftovers(folder, below=True)
        if not names and older_than is None:
            _forget(folder / KNOWN, older_than=0.0)
    return chosen


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"


def _is_named(entry: Entry, name: str) -> bool:
    return bool(name) and entry.path.stem.startswith(name)


def _entries(folder: Path) -> Iterator[Entry]:
    for path in folder.glob(f"*{SUFFIX}"):
        if not is_key(path.stem):  # somebody else's, who keeps weights in this folder
            continue
        with suppress(FileNotFoundError):  # another process removed it
            status = path.stat()
            yield Entry(path, status.st_size, status.st_mtime)


def _forget(folder: Path, older_than: float = FORGOTTEN) -> None:
    latest = time.time() - older_than
    for path in filter(is_known, folder.glob("*")):
        with suppress(OSError):
            if path.stat().st_mtime <= latest:
                path.unlink()
    if not older_than:
        with suppress(OSError):  # something of somebody else's is in it, or it is not there
            folder.rmdir()
