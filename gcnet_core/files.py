"""Files that are complete or not there: written beside their place, synced, then renamed."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

SHARED = 0o644
"""A run folder is to be shared, but temporary files, and those that safetensors writes, are private."""


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file as a whole, so that a reader or a crash never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, SHARED)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_text(path: Path, text: str) -> None:
    """Replace a text file as a whole, in UTF-8 with the line ends as given."""
    write_bytes(path, text.encode("utf-8"))


@contextmanager
def growing_text(path: Path) -> Iterator[TextIO]:
    """A text file that grows beside its place and stands there in the end, also after an error or Ctrl-C.

    What was written is worth keeping: it may be the work of hours. What UTF-8 cannot hold is written as escapes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
    finally:
        os.chmod(temporary, SHARED)
        os.replace(temporary, path)


def checksum(path: Path) -> str:
    """The first 12 hexadecimal digits of a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
