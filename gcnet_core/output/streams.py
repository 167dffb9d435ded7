"""Standard output and standard error that take every text, and whose reader may go away."""

import codecs
import io
import os
import sys
from typing import TextIO

from gcnet_core.output.visible import visible

ESCAPED = "gcnet.escaped"
"""Name of the way in which characters are written that an encoding lacks."""


def escaped(error: UnicodeError) -> tuple[str, int]:
    """Characters that an encoding lacks, as `\\u5f00`: readable, and in JSON the very character."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    halves = lacking.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(halves[place : place + 2], "big") for place in range(0, len(halves), 2)]
    return "".join(f"\\u{code:04x}" for code in codes), error.end


codecs.register_error(ESCAPED, escaped)


class ReaderLeft(Exception):
    """Nobody reads the rows that a command prints, so it may end."""


class Lasting(io.FileIO):
    """A file descriptor whose reader may go away, as with `gcnet models | head -1`: what comes then is dropped."""

    lost = False

    def write(self, data: object) -> int:
        """Write bytes; all of them count as written where nobody reads."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except BrokenPipeError:
            self.lost = True
            return memoryview(data).nbytes  # type: ignore[arg-type]


def protect_streams() -> None:
    """Make standard output and standard error of this process safe; others, such as those of tests, stay."""
    sys.stdout, sys.stderr = _protected(sys.stdout), _protected(sys.stderr)


def reader_left(stream: TextIO) -> bool:
    """Whether the reader of a protected stream went away."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return isinstance(raw, Lasting) and raw.lost


def _protected(stream: TextIO | None) -> TextIO:
    if stream is None:  # closed before the process began
        return open(os.devnull, "w", encoding="utf-8")
    if type(stream) is not io.TextIOWrapper:
        return stream
    stream.flush()
    raw = Lasting(stream.fileno(), "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, ESCAPED, line_buffering=stream.line_buffering)


def tell(text: object, err: bool = False) -> None:
    """Print a text for people as plain lines; data for scripts, such as JSON, are printed as they are.

    Args:
        text: a message or a path.
        err: whether it goes to standard error.
    """
    print(visible(str(text)), file=sys.stderr if err else sys.stdout, flush=True)
