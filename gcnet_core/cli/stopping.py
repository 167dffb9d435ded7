"""How a command is stopped from outside, and what it says then: how to go on.

SIGTERM and SIGHUP end a command as Ctrl-C does: what is worth keeping is kept, and the exit code is that of the signal.
A job of a comparison is stopped, too, when the comparison dies in whatever way: the pipe that is its input ends then.
"""

import os
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from gcnet_core.machine import JOB

SIGNALS = ("SIGTERM", "SIGHUP")
PATIENCE = 60.0
"""Seconds that a job has to keep what it did."""


@dataclass
class _Stop:
    """What is known of the command that is running."""

    signal: int = signal.SIGINT
    advice: Callable[[], str | None] = lambda: None
    is_job: bool = False


_stop = _Stop()


@contextmanager
def stoppable() -> Iterator[None]:
    """While it lasts, the signals that end a process are a KeyboardInterrupt, and so is the end of who waits for it."""
    if threading.current_thread() is not threading.main_thread():  # nobody else may say what signals do
        yield
        return
    _stop.signal, _stop.advice = signal.SIGINT, lambda: None
    _stop.is_job = bool(os.environ.pop(JOB, None))
    before = {}
    for name in SIGNALS:
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` has it
            before[number] = signal.signal(number, _interrupt)
    if _stop.is_job:
        threading.Thread(target=_end_with_input, daemon=True).start()
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code() -> int:
    """Of a command that was stopped: 128 and the number of the signal, as shells have it."""
    return 128 + _stop.signal


def on_stop(advice: Callable[[], str | None]) -> None:
    """Keep what tells how to go on, for a command that is stopped, or meets a full disk, from now on."""
    _stop.advice = advice


def how_to_go_on() -> str | None:
    """A command that goes on where this one was stopped, as it can be typed; None if there is none, as for a job."""
    return None if _stop.is_job else _stop.advice()


def same_command(*, without: Sequence[str] = (), **options: Path | bool | None) -> str:
    """The command that is running, with some options set, as a line for a shell.

    Args:
        without: flags to be left out.
        options: by name: a value, or True for a flag; one that was given is replaced, None leaves it as it was.
    """
    wanted = {f"--{name}": value for name, value in options.items() if value is not None}
    words, last = _without(sys.argv[1:], [name for name, value in wanted.items() if value is not True], without)
    for name, value in wanted.items():
        if value is not True:
            words += [name, str(value)]
        elif name not in words:
            words.append(name)
    return shlex.join([*_program(), *words, *last])


def _without(words: Sequence[str], options: Sequence[str], flags: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words of a command line without some options and their values; those from `--` on apart."""
    end = words.index("--") if "--" in words else len(words)
    kept: list[str] = []
    left = iter(words[:end])
    for word in left:
        if word in options:
            next(left, None)
        elif word.partition("=")[0] not in options and word not in flags:
            kept.append(word)
    return kept, list(words[end:])


def _program() -> list[str]:
    """How this program was started: by its name where the shell finds it, or by the Python that runs it."""
    started = Path(sys.argv[0])
    if started.suffix == ".py":
        return [sys.executable, "-m", "gcnet_core.cli"]
    found = shutil.which(started.name)
    return [started.name] if found and Path(found).resolve() == started.resolve() else [sys.argv[0]]


def _interrupt(number: int, frame: FrameType | None) -> None:
    _stop.signal = number
    raise KeyboardInterrupt


def _end_with_input() -> None:
    """Stop this process when its standard input ends."""
    with suppress(OSError, ValueError):
        while os.read(0, 1024):
            pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(PATIENCE)
    os._exit(128 + signal.SIGTERM)
