"""A small recipe of drawn faces, and the command line as a user calls it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gcnet_core.cli.commands import COMMANDS, command_called
from tests.conftest import ROOT
from tests.in_process import call

SMALL = """
data: {type: synthetic_faces, subjects: 8, images_per_expression: 1}
image: {size: 32}
threads: 1
split: {folds: 4}
model:
  type: gcnet
  generator: {type: vae, channels: 4, latent: 8}
  encoder: {type: conv, channels: [8, 8], width: 16}
  delta: {type: signed}
  classifier: {type: linear}
  decoder: {type: conv, channels: [8, 4]}
losses:
  classification: {type: cross_entropy}
  generative: {type: l2, weight: 100}
  contrastive: {type: margin_contrastive, weight: 0.1}
  reconstruction: {type: reconstruction}
training:
  batch_size: 8
  checkpoint_minutes: 0
  stages:
    generator: {epochs: 2, train: [generator], losses: [generative]}
    encoder: {epochs: 2, train: [encoder, delta, classifier, decoder], losses: [classification, contrastive]}
    joint: {epochs: 2}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""
COMMAND = [sys.executable, "-m", "gcnet_core.cli"]


def write_recipe(folder: Path, text: str = SMALL) -> Path:
    """Put the small recipe into a folder."""
    path = folder / "small.yaml"
    path.write_text(text)
    return path


def gcnet(*arguments: object, folder: Path = ROOT, painted: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run the command in a folder, to its end, in this process; `gcnet_process` where the process is the point.

    Figures are painted only if asked for, see `call`.
    """
    return call(list(map(str, arguments)), folder, environment(), painted)


def gcnet_process(
    *arguments: object, folder: Path = ROOT, start: Sequence[object] = COMMAND
) -> "subprocess.CompletedProcess[str]":
    """Run the command in a folder, to its end, in a process of its own."""
    words = [*map(str, start), *map(str, arguments)]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, env=environment())


def gcnet_killed(
    *arguments: object, folder: Path, when: Callable[[], bool], by: signal.Signals = signal.SIGKILL
) -> tuple[int, str]:
    """Run the command and end it by a signal as soon as something is the case; its exit code and its errors."""
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=environment(), preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    # a shell that runs in the background lets its children ignore Ctrl-C, hence the preexec_fn
    try:
        while not when():
            assert process.poll() is None, f"ended before it could be killed: {process.stderr.read()}"  # type: ignore[union-attr]
            time.sleep(0.01)
    finally:
        process.send_signal(by)
        errors = process.communicate()[1]
    return process.returncode, errors


def commands() -> list[tuple[str, ...]]:
    """Every command that there is, as words after `gcnet`; the first is `gcnet` itself."""
    found: list[tuple[str, ...]] = []

    def walk(words: tuple[str, ...], command: Any) -> None:
        found.append(words)
        for name, below in getattr(command, "commands", {}).items():
            walk((*words, name), below)

    found.append(())
    for name, summary in COMMANDS.items():
        if summary:
            walk((name,), command_called(name))
    return found


def environment() -> dict[str, str]:
    """Of a plain terminal without colours, wide enough for a table."""
    return {
        **os.environ,
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
    }
