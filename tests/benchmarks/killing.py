"""The command in forked processes that are killed: at a point in what they write, or at a time."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from unittest import mock

import jaxtyping
from gcnet_engines import local

from gcnet_core.interfaces import Task, TaskRunner
from gcnet_core.machine import JOB
from tests.in_process import _OneAfterAnother, unpainted

POINTS = ("fsync", "replace", "unlink", "mkdir", "rmdir")
"""Calls of `os` around which a process is killed: each is a point before it and one after it."""
PATIENCE = 120.0
"""Seconds for jobs to end whose comparison was killed."""
_write_ends: list[int] = []


class Deadly:
    """Counts the points that a process passes, and kills it at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at, self.passed = at, 0

    def __enter__(self) -> "Deadly":
        for name in POINTS:
            setattr(os, name, self._around(getattr(os, name)))
        return self

    def __exit__(self, *error: object) -> None: ...

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def around(*arguments: Any, **options: Any) -> Any:
            self.point()
            answer = call(*arguments, **options)
            self.point()
            return answer

        return around

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def adopt_orphans() -> None:
    """Jobs whose comparison was killed become children of this process, so that it can wait for them."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def forked(words: Sequence[object], log: Path, at: int | None = None, after: float | None = None) -> tuple[int, int]:
    """Run the command in a child.

    Args:
        words: of the command, without `gcnet`.
        log: where it writes what it says.
        at: the point at which it is killed.
        after: the seconds after which it is killed.

    Returns:
        Its exit code, negative if it was killed, and the points that it passed.
    """
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        with Deadly(at) as deadly, _forked_jobs():
            code = _main(words, log)
        os.write(write, str(deadly.passed).encode())
        os._exit(code)
    os.close(write)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(read) as told:
        passed = int(told.read() or 0)
    return os.waitstatus_to_exitcode(status), passed


def wait_for_orphans() -> int:
    """Wait for jobs that outlived their comparison; how many did not end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.02)
        except ChildProcessError:
            return 0
    return 1


def _main(words: Sequence[object], log: Path) -> int:
    """The command in this process, which is a child and has nothing to put back."""
    from gcnet_core.cli import main

    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 (until the process ends)
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
    sys.argv = ["gcnet", *map(str, words)]
    try:
        with unpainted(), mock.patch.object(jaxtyping.config, "jaxtyping_disable", True):  # as for a user
            main()
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 99
    sys.stdout.flush()
    sys.stderr.flush()
    return code


@contextmanager
def _forked_jobs() -> Iterator[None]:
    """Jobs of a comparison are forked, one after another, and know of its end by the same pipe as true ones."""

    def wait(self: TaskRunner, task: Task, output: BinaryIO) -> int:
        read, write = os.pipe()
        _write_ends.append(write)
        child = os.fork()
        if not child:
            for end in _write_ends:
                os.close(end)
            os.dup2(read, 0)
            os.environ[JOB] = "1"
            os._exit(_main(task.words, Path(output.name)))
        os.close(read)
        try:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        finally:
            _write_ends.remove(write)
            os.close(write)

    with mock.patch.object(local, "ThreadPoolExecutor", _OneAfterAnother), mock.patch.object(TaskRunner, "_wait", wait):
        yield
