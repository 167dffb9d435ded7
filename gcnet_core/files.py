"""Files that are complete or not there: written beside their place, synced, then renamed.

One that cannot be written is told as `CannotWrite`: which, why, what it needs and what is free. Nothing of it is left.
"""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, TextIO

from gcnet_core.faults import WHILE_WRITING, telling
from gcnet_core.temporary import remove_leftovers, temporary_file, temporary_folder

SHARED = 0o644
"""A run folder is to be shared, but temporary files, and those that safetensors writes, are private."""


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file as a whole, so that a reader or a crash never meets half of it.

    Raises:
        CannotWrite: if the disk is full, read-only, or refuses otherwise.
    """
    with telling(path, len(content)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_file(path.parent) as (file, temporary):
            file.write(content)
            file.flush()
            settle(file, temporary, path)


def write_text(path: Path, text: str) -> None:
    """Replace a text file as a whole, in UTF-8 with the line ends as given; raises as `write_bytes`."""
    write_bytes(path, text.encode("utf-8"))


def append_text(path: Path, text: str) -> None:
    """Add whole lines to a text file; raises as `write_bytes`. A line that does not fit is taken back."""
    content = text.encode("utf-8")
    with telling(path, len(content)), path.open("ab", buffering=0) as file:
        before = file.seek(0, os.SEEK_END)
        try:
            if file.write(content) != len(content):  # a disk that fills up takes the first part without a word
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError:
            with suppress(OSError):
                file.truncate(before)
            raise


@contextmanager
def growing_text(path: Path) -> Iterator[TextIO]:
    """A text file that grows beside its place and stands there in the end, also after an error or Ctrl-C.

    What was written is worth keeping: it may be the work of hours. What UTF-8 cannot hold is written as escapes.
    """
    with ExitStack() as stack:
        with telling(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path.parent)
            file, temporary = stack.enter_context(temporary_file(path.parent))
        stack.enter_context(telling(path, only=WHILE_WRITING))
        stack.callback(settle, file, temporary, path)
        yield stack.enter_context(
            open(file.fileno(), "w", encoding="utf-8", errors="backslashreplace", newline="", closefd=False)
        )


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A place for a library that writes by path: the file that lies there in the end is synced and renamed to the path.

    Raises:
        CannotWrite: as `write_bytes`, also where the library words it in its own way.
    """
    with ExitStack() as stack:
        with telling(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path.parent)
            folder = stack.enter_context(temporary_folder(path.parent))
        written = folder / path.name
        with telling(path, only=WHILE_WRITING):
            yield written
        with telling(path), written.open("rb") as file:
            settle(file, written, path)


def sha256(path: Path) -> str:
    """SHA-256 of the content of a file, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum(path: Path) -> str:
    """The first 12 hexadecimal digits of a file's SHA-256."""
    return sha256(path)[:12]


def settle(file: IO[bytes], temporary: Path, path: Path) -> None:
    """Put a finished file into its place."""
    os.fsync(file.fileno())
    os.chmod(temporary, SHARED)
    os.replace(temporary, path)
