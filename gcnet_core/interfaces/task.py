"""Task: a job as an engine sees it, one command of gcnet with its files; and how it runs on a machine."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from gcnet_core.machine import JOB

GCNET = (sys.executable, "-m", "gcnet_core.cli")


@dataclass(frozen=True)
class Task:
    """A command of gcnet that can run on any machine which has its files. It can be pickled.

    The command is safe to be repeated: it goes on where it was stopped, and does nothing where it is done.

    Args:
        name: for people.
        words: the command, without `gcnet`.
        log: the file to which all that it says is added.
        folder: into which it writes; nothing else but the log becomes another.
        inputs: files that it reads, beside data and plugins.
        directory: where it works; paths may be relative to it.
        environment: variables that it needs beside those of the machine.
    """

    name: str
    words: tuple[str, ...]
    log: Path
    folder: Path
    inputs: tuple[Path, ...] = ()
    directory: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict, hash=False)

    def at(self, place: Path) -> "Task":
        """The same task with log, folder and inputs, which have one parent, in another folder."""
        own = {str(path): place / path.name for path in (self.log, self.folder, *self.inputs)}
        words = tuple(str(own.get(word, word)) for word in self.words)
        inputs = tuple(place / path.name for path in self.inputs)
        return replace(self, words=words, log=place / self.log.name, folder=place / self.folder.name, inputs=inputs)


@dataclass(frozen=True)
class Ended:
    """How a task ended. It can be pickled.

    Args:
        task: which.
        code: exit code; negative: the signal that killed it.
        seconds: that it took.
        where: name of the machine.
        reason: why it could not be run, where the log says nothing of it.
    """

    task: Task
    code: int
    seconds: float = 0.0
    where: str = ""
    reason: str = ""


class TaskRunner:
    """Runs tasks on the machine where it is called, each as a process of its own; threads may share a runner.

    A process ends with the one that runs it, in whatever way that one ends: its input is a pipe from there, see
    cli/stopping.py. Of two processes for one task the second waits for the first, by a lock on the log.

    Args:
        apart: whether they are spared the signals that are meant for the group of this one, and mean nothing to them.
    """

    def __init__(self, *, apart: bool = False) -> None:
        self._group = 0 if apart else None
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False
        self._lock = threading.Lock()

    def __call__(self, task: Task) -> Ended:
        """Run a task to its end, or until the runner is stopped.

        Raises:
            OSError: if its log cannot be written.
        """
        started, machine = time.monotonic(), socket.gethostname()
        if not task.directory.is_dir():
            reason = f"{machine} has no folder {task.directory}, where the comparison was started"
            return Ended(task, 1, where=machine, reason=reason)
        log = task.directory / task.log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            _wait_for_lock(file)
            code = self._wait(task, file)
        return Ended(task, code, time.monotonic() - started, machine)

    def stop(self) -> None:
        """End the running processes, which keep what they did, and begin no other."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.terminate()

    def _wait(self, task: Task, log: BinaryIO) -> int:
        with self._lock:
            if self._stopped:
                return -signal.SIGTERM
            process = subprocess.Popen(
                [*GCNET, *task.words], stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.PIPE,
                cwd=task.directory, env={**os.environ, **task.environment, JOB: "1"}, process_group=self._group,
            )  # fmt: skip
            self._running.add(process)
        try:
            return process.wait()
        except BaseException:  # whoever runs it is told to stop: it may keep what it did first
            process.terminate()
            process.wait()
            raise
        finally:
            with self._lock:
                self._running.discard(process)
            process.stdin.close()  # type: ignore[union-attr]


def _wait_for_lock(log: BinaryIO) -> None:
    """Wait for the process of the same task whose comparison was killed: it lives on and holds the lock of its log."""
    with suppress(ImportError, OSError):  # Windows has no such lock, nor have some network drives
        import fcntl

        fcntl.flock(log, fcntl.LOCK_EX)
