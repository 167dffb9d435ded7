"""The command in this process: what a new one would print and leave, without importing torch once more."""

import contextlib
import io
import os
import subprocess
import sys
import sysconfig
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO
from unittest import mock

import jaxtyping
import torch
from gcnet_engines import local
from matplotlib.figure import Figure

from gcnet_core.cli import main
from gcnet_core.interfaces import Task, TaskRunner
from tests.conftest import ROOT

DOT = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==")
"""A PNG file of one white pixel."""


def call(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], painted: bool = False
) -> "subprocess.CompletedProcess[str]":
    """Call the entry point as if it had been started with these words.

    What it changes for its whole process is put back. An exception that a user would see as a traceback is raised.
    As for a user, shapes are not checked: drawing faces would take twice as long.

    Args:
        words: the command, without `gcnet`.
        folder: where it works.
        environment: variables that it sees beside those of this process.
        painted: whether figures are painted, which takes longer than all else in a short run.
    """
    output, errors = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ, environment),
        mock.patch.object(sys, "argv", ["gcnet", *words]),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(errors),
        _same_torch(),
        _without_new_local_modules(),
        mock.patch.object(jaxtyping.config, "jaxtyping_disable", True),
        contextlib.nullcontext() if painted else unpainted(),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), f"exit code {code!r}"
    return subprocess.CompletedProcess(["gcnet", *words], code, output.getvalue(), errors.getvalue())


@contextlib.contextmanager
def jobs_in_process() -> Iterator[None]:
    """Jobs of a comparison run one after another in this process too. Tests of killed jobs know the true ones."""

    def wait(self: TaskRunner, task: Task, output: BinaryIO) -> int:
        done = call(task.words, task.directory, {})
        output.write((done.stdout + done.stderr).encode())
        return int(done.returncode)

    with (
        mock.patch.object(local, "ThreadPoolExecutor", _OneAfterAnother),
        mock.patch.object(TaskRunner, "_wait", wait),
    ):
        yield


class _OneAfterAnother(ThreadPoolExecutor):
    """An executor that does at once what it is given: whose output it is would otherwise not be known."""

    def submit(self, work: Any, /, *arguments: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        future.set_result(work(*arguments, **options))
        return future


def unpainted() -> "contextlib.AbstractContextManager[object]":
    """Figures are built as always, but saved as a white dot."""

    def save_dot(figure: Figure, file: BinaryIO, **options: Any) -> None:
        file.write(DOT)

    return mock.patch.object(Figure, "savefig", save_dot)


@contextlib.contextmanager
def _same_torch() -> Iterator[None]:
    """Threads and the default generator of torch stay as they were."""
    threads = torch.get_num_threads()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)


@contextlib.contextmanager
def _without_new_local_modules() -> Iterator[None]:
    """Plugins of `--plugin` are forgotten: the next test may bring another file of the same name."""
    lasting = (str(ROOT), *sysconfig.get_paths().values())
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and not file.startswith(lasting):
                del sys.modules[name]
