"""How many jobs train best on one GPU at the same time: a short bench of those that would says it."""

import math
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Protocol

import torch

from gcnet_core.machine import available_cores

FEWEST = 3
"""Jobs from which on it is measured: it takes as long as a small job."""
WORTH = 1.1
"""How much faster twice as many must be all together."""
FREE = 0.1
"""Share of the memory that stays free: a job needs most of it at another time than its first steps."""
SECONDS = 1.5
"""Of training for each number of jobs."""


class Training(Protocol):
    """A job that trains for as long as it is told, and keeps nothing."""

    def is_ready(self) -> None:
        """Wait until its first steps are done; OSError if it ends before."""

    def train(self, seconds: float) -> None:
        """Begin, and do not wait for it."""

    def images_per_second(self) -> float:
        """Wait until it did as it was told."""


class TrainingProcess(AbstractContextManager["TrainingProcess"]):
    """A process of benchmark/pace.py.

    Args:
        recipe: of a job.
        arguments: device and plugins, as a job has them.
    """

    def __init__(self, recipe: Path, arguments: Sequence[str]) -> None:
        command = [sys.executable, "-m", "gcnet_core.benchmark.pace", str(recipe), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def is_ready(self) -> None:
        """Wait until its first steps are done; OSError if it ends before."""
        if self._line() != "ready":
            raise OSError("it ended")

    def train(self, seconds: float) -> None:
        """Begin, and do not wait for it."""
        self.process.stdin.write(f"{seconds}\n")  # type: ignore[union-attr]
        self.process.stdin.flush()  # type: ignore[union-attr]

    def images_per_second(self) -> float:
        """Wait until it did as it was told."""
        return float(self._line())

    def _line(self) -> str:
        return str(self.process.stdout.readline()).strip()  # type: ignore[union-attr]


def rates(
    starts: Sequence[Callable[[], AbstractContextManager[Training]]], free: Callable[[], int]
) -> dict[int, float]:
    """Images per second of 1, 2, 4 ... jobs together, as far as they fit, and as long as more of them are worth it.

    Args:
        starts: each begins a job that would run.
        free: bytes of the GPU's memory that nobody has.

    Returns:
        What was measured; nothing if not even one job could be.
    """
    found: dict[int, float] = {}
    running: list[Training] = []
    with ExitStack() as stack, suppress(OSError, ValueError):
        at_first = free()
        while len(running) < len(starts):
            before, known = free(), len(running)
            wanted = min(max(2 * known, 1), len(starts))
            running += [stack.enter_context(start()) for start in starts[known:wanted]]
            for job in running[known:]:
                job.is_ready()
            needed = (before - free()) / (wanted - known)
            for job in running:
                job.train(SECONDS)
            found[wanted] = sum(job.images_per_second() for job in running)
            more = min(2 * wanted, len(starts)) - wanted
            if best_of(found) < wanted or more * needed > free() - FREE * at_first:
                break
    return found


def best_of(found: Mapping[int, float]) -> int:
    """The largest number of jobs that was worth it against the one before; 1 if nothing was measured."""
    best = 1
    for count in sorted(found)[1:]:
        if found[count] < found[best] * WORTH ** math.log2(count / best):
            break
        best = count
    return best


def in_equal_rounds(jobs: int, at_a_time: int) -> int:
    """How many run at a time, so that as many rounds as are needed have about as many jobs each."""
    return math.ceil(jobs / math.ceil(jobs / at_a_time))


def measured_workers(
    recipes: Sequence[Path], arguments: Sequence[str], device: torch.device, tell: Callable[[str], None]
) -> int:
    """How many jobs should run at a time on a GPU.

    Args:
        recipes: of the jobs, in the order in which they begin: those that would run together are measured together.
        arguments: device and plugins of the jobs.
        device: the GPU.
        tell: is told what was measured.
    """
    if len(recipes) < FEWEST or device.type != "cuda":
        return 1
    starts = [partial(TrainingProcess, recipe, arguments) for recipe in recipes[: available_cores()]]
    found = rates(starts, lambda: torch.cuda.mem_get_info(device)[0])
    told = ", ".join(f"{count}: {rate:,.0f}" for count, rate in found.items())
    tell(f"images/s of so many jobs together on {device}: {told or 'could not be measured'}")
    return in_equal_rounds(len(recipes), best_of(found))
