"""What a machine refuses, in one sentence each: a file that cannot be written, memory that does not suffice."""

import errno
import re
import shutil
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gcnet_core.errors import RunFailed

REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota on this disk is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "writing is not permitted there",
    errno.EPERM: "writing is not permitted there",
    errno.EFBIG: "files as large are not allowed, by the disk or by `ulimit -f`",
}
FULL = (errno.ENOSPC, errno.EDQUOT)
WHILE_WRITING = (*FULL, errno.EROFS, errno.EFBIG, errno.EIO)
"""Errors that nothing but writing has."""
FOREIGN = re.compile(r"os error 28|No space left on device|failed writing file|write failed")
"""How safetensors, torch and ONNX word a full disk."""
MEMORY = re.compile(
    r"out of memory|unable to allocate|can't allocate|cannot allocate|failed to allocate|not enough memory"
    r"|insufficient memory|CUBLAS_STATUS_ALLOC_FAILED|std::bad_alloc",
    re.IGNORECASE,
)
ASKED = re.compile(r"([\d.]+) ?(bytes|[KMGTPE]i?B)\b")


class CannotWrite(RunFailed, OSError):
    """A file cannot be written. The text says which, why, and what it needs; what was there before is unharmed.

    Args:
        text: all of that.
        full: whether the same can be done again once there is room.
    """

    def __init__(self, text: str, *, full: bool = False) -> None:
        super().__init__(text)
        self.full = full

    def __str__(self) -> str:
        return str(self.args[0])


@contextmanager
def telling(path: Path, needed: int | None = None, only: Container[int | None] | None = None) -> Iterator[None]:
    """Whatever keeps a file from being written is told as CannotWrite.

    Args:
        path: of the file.
        needed: its size in bytes, where it is known.
        only: the numbers of the errors that are told, where other work is done inside too.
    """
    try:
        yield
    except CannotWrite:
        raise
    except OSError as error:
        if only is not None and error.errno not in only:
            raise
        raise cannot_write(path, error, needed) from error
    except Exception as error:
        if FOREIGN.search(str(error)):
            raise cannot_write(path, OSError(errno.ENOSPC, str(error)), needed) from error
        raise


def cannot_write(path: Path, error: OSError, needed: int | None = None) -> CannotWrite:
    """The sentence for a file that could not be written."""
    reason = REASONS.get(error.errno or 0) or " ".join((error.strerror or str(error)).split())
    if error.errno not in FULL:
        return CannotWrite(f"{path}: cannot be written: {reason}; give another place, or put this right")
    figures = [f"{_size(needed)} needed"] if needed is not None else []
    with suppress(OSError, StopIteration):
        there = next(place for place in path.absolute().parents if place.is_dir())
        figures.append(f"{_size(shutil.disk_usage(there).free)} free")
    text = f"{path}: cannot be written: {reason} ({', '.join(figures)}); make room, then do the same again"
    return CannotWrite(text, full=True)


def cannot_do(error: OSError) -> RunFailed:
    """The sentence for whatever else the system refused: a file that cannot be read, too many open files."""
    what = " ".join((error.strerror or str(error)).split())
    return RunFailed(f"{error.filename}: {what}" if error.filename else f"the system refused to go on: {what}")


def machine_fault(error: BaseException | None) -> RunFailed | None:
    """The sentence for an exception, or what led to it, that is a fault of the machine; None if it is none."""
    while error is not None:
        if isinstance(error, CannotWrite):
            return error
        if isinstance(error, MemoryError | RuntimeError | _cv2_error()) and _is_about_memory(error):
            return _too_little_memory(error)
        if isinstance(error, OSError) and error.errno in WHILE_WRITING:
            if error.filename is None:  # nothing else is written without its name
                return CannotWrite(f"standard output cannot be written: {' '.join(str(error.strerror).split())}")
            return cannot_write(Path(str(error.filename)), error)
        error = error.__cause__
    return None


def _is_about_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or MEMORY.search(str(error)) is not None


def _too_little_memory(error: BaseException) -> RunFailed:
    said = " ".join(str(error).split())
    found = ASKED.search(said)
    size = f": {_readable(*found.groups())} were asked for at once" if found else ""
    place = "the graphics card" if "CUDA" in said or "HIP" in said else "this machine"
    return RunFailed(
        f"the memory of {place} does not suffice{size}; lower training.batch_size, evaluation.batch_size, image.size "
        "or image.channels, or the size of the model"
    )


def _readable(number: str, unit: str) -> str:
    return _size(float(number)) if unit == "bytes" else f"{number} {unit}"


def _size(count: float) -> str:
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count:.0f} bytes"


def _cv2_error() -> type[BaseException]:
    """OpenCV's error, if it was loaded."""
    return getattr(sys.modules.get("cv2"), "error", MemoryError)
