"""Temporary files and folders: known by their names, and as left-overs by a lock that died with its writer."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there, and no left-overs are removed
    fcntl = None  # type: ignore[assignment]

OURS, PART = ".gcnet-", ".part"
"""Names that begin so are no content of a folder: temporary files, which end in PART, and the lock of the folder."""


@contextmanager
def temporary_file(parent: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A new file to be written, which is gone in the end unless it was renamed."""
    while True:
        descriptor, name = tempfile.mkstemp(PART, OURS, parent)  # short: the name of a file may be the longest allowed
        _mark_as_living(descriptor)
        if os.fstat(descriptor).st_nlink:
            break
        os.close(descriptor)  # it was taken for a left-over in this very moment
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file, Path(name)
    finally:
        with suppress(OSError):
            os.unlink(name)


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A new folder, which is gone in the end with all that is in it."""
    while True:
        folder = Path(tempfile.mkdtemp(PART, OURS, parent))
        with suppress(FileNotFoundError):  # as above
            descriptor = os.open(folder, os.O_RDONLY)
            _mark_as_living(descriptor)
            if folder.exists():
                break
            os.close(descriptor)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_leftovers(folder: Path, *, below: bool = False) -> None:
    """Remove temporary files and folders whose writers were killed; what a living process writes stays.

    Args:
        folder: where they lie; it need not exist.
        below: whether to look into the folders in it too.
    """
    pattern = f"{OURS}*{PART}"
    for path in list(folder.rglob(pattern) if below else folder.glob(pattern)):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                if try_lock(descriptor):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(descriptor)


def holds_something(folder: Path) -> bool:
    """Whether a folder holds anything but a lock and left-overs; a file in its place counts as something."""
    if not folder.is_dir():
        return folder.exists()
    return any(not path.name.startswith(OURS) for path in folder.iterdir())


def try_lock(descriptor: int) -> bool:
    """Lock an open file for this process, if no other one has it; the lock ends with the process.

    Raises:
        OSError: if nothing can be locked here.
    """
    if fcntl is None:
        raise OSError("this system locks no files")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _mark_as_living(descriptor: int) -> None:
    """Lock what is being written; where nothing can be locked, no left-overs are removed either."""
    with suppress(OSError):
        try_lock(descriptor)
