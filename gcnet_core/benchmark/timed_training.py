"""What takes the places of a trainer's batches and of its progress bar, to see where time goes."""

import time
from collections.abc import Iterator
from typing import NamedTuple, Self

import torch

from gcnet_core.data.lazy_batch import LazyBatch
from gcnet_core.interfaces import Batch
from gcnet_core.runs import EpochMetrics
from gcnet_core.training.step_batches import StepBatches


class Moment(NamedTuple):
    """A time, or how long something took, in seconds: of the clock, and of the processor over all threads."""

    clock: float
    processor: float

    @classmethod
    def now(cls) -> Self:
        """The time."""
        return cls(time.perf_counter(), time.process_time())

    def __sub__(self, earlier: Self) -> Self:
        return type(self)(self.clock - earlier.clock, self.processor - earlier.processor)

    def __truediv__(self, steps: int) -> Self:
        return type(self)(self.clock / steps, self.processor / steps)

    def undisturbed(self, device: torch.device) -> float:
        """Seconds on a device; on a CPU without those in which other programs had it, as far as that can be told."""
        return min(self) if device.type == "cpu" else self.clock


class TimedBatches:
    """The batches of a trainer, with the seconds that it waits for them, and that making a picture later takes.

    The first step of an epoch does not count: the order of the whole epoch is drawn in it.

    Args:
        batches: of the trainer.
    """

    def __init__(self, batches: StepBatches) -> None:
        self.batches = batches
        self.waited = 0.0
        self.first = True

    def __len__(self) -> int:
        return len(self.batches)

    def epoch(self, number: int) -> Iterator[list[Batch]]:
        """The groups of an epoch."""
        groups = self.batches.epoch(number)
        self.first = True
        yield [self._timed(batch) for batch in next(groups)]
        self.first = False
        while True:
            started = time.perf_counter()
            group = next(groups, None)
            self._count(started)
            if group is None:
                return
            yield [self._timed(batch) for batch in group]

    def _timed(self, batch: Batch) -> Batch:
        if not isinstance(batch, LazyBatch):
            return batch

        def make(name: str) -> torch.Tensor:
            started = time.perf_counter()
            made: torch.Tensor = getattr(batch, name)
            self._count(started)
            return made

        return batch.remade(make)

    def _count(self, started: float) -> None:
        if not self.first:
            self.waited += time.perf_counter() - started


class StepTimes:
    """Notes when each step of an epoch was done, and says nothing."""

    def __init__(self) -> None:
        self.done: list[Moment] = []

    def step(self, *_: object) -> None:
        """Note the time."""
        self.done.append(Moment.now())

    def epoch(self, metrics: EpochMetrics) -> None:
        """Say nothing."""

    def take(self) -> list[Moment]:
        """How long each step since the last call took, but the first."""
        done, self.done = self.done, []
        return [later - earlier for earlier, later in zip(done, done[1:], strict=False)]
