"""The command in this process: what a new one would print and leave, without importing torch once more."""

import contextlib
import io
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unittest import mock

import torch

from gcnet_core.cli import main
from tests.conftest import ROOT


def call(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    """Call the entry point as if it had been started with these words.

    What it changes for its whole process is put back. An exception that a user would see as a traceback is raised.
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
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    assert isinstance(code, int), f"exit code {code!r}"
    return subprocess.CompletedProcess(["gcnet", *words], code, output.getvalue(), errors.getvalue())


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
