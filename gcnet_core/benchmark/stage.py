"""Time one stage: rounds of the trainer and of the bare loop in turn, so that a busy machine slows both alike."""

import math
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import Any, cast

import numpy as np
from torch.utils.flop_counter import FlopCounterMode

from gcnet_core.benchmark.bare_loop import BareLoop
from gcnet_core.benchmark.clock import Clock, wait_for
from gcnet_core.benchmark.result import StageSpeed
from gcnet_core.benchmark.timed_training import Moment, StepTimes, TimedBatches
from gcnet_core.runs import EpochMetrics
from gcnet_core.training.trainer import Trainer

WARM_UP = 3
"""Steps before anything is timed: what libraries prepare at a first call is no part of a step."""
LONGEST_ROUND = 200
IN_MEMORY = 8
"""Batches that the bare loop goes through again and again."""


@dataclass
class Round:
    """One round of both."""

    steps: list[Moment]
    waited: float
    bare: Moment
    """Of a step."""

    @property
    def step(self) -> Moment:
        """Of a step of the trainer on average."""
        return Moment(*(float(np.mean(times)) for times in zip(*self.steps, strict=True)))


class StageBenchmark:
    """Times one stage.

    Args:
        trainer: of a recipe with this stage alone; its first epoch warms up, each other is a round.
        seconds: that each side of a round should take.
        peak: floating-point operations per second of the machine.
    """

    def __init__(self, trainer: Trainer, seconds: float, peak: float) -> None:
        self.trainer, self.seconds, self.peak = trainer, seconds, peak
        self.device = trainer.model.device
        self.batches = TimedBatches(trainer.batches)
        groups = list(islice(trainer.batches.epoch(0), IN_MEMORY))
        self.images = float(np.mean([sum(len(batch) for batch in group) for group in groups]))
        self.bare = BareLoop(trainer.phases, groups, trainer.training.precision, self.device)
        self.times = StepTimes()
        self.rounds: list[Round] = []

    def run(self) -> StageSpeed:
        """Measure."""
        flops = self._flops()
        trainer = self.trainer
        trainer.batches.steps = WARM_UP
        trainer.batches = cast(Any, self.batches)
        started = time.perf_counter()
        first_step = 0.0

        def on_epoch(metrics: EpochMetrics) -> None:
            nonlocal first_step
            wait_for(self.device)
            if metrics.epoch == 1:
                first_step = time.perf_counter() - started
                self._warm_up()
            else:
                self.rounds.append(Round(self.times.take(), self.batches.waited, self._bare_round()))
            self.batches.waited = 0.0

        trainer.train(cast(Any, self.times), on_epoch)
        shares = self._shares()
        bare = median(found.bare.undisturbed(self.device) for found in self.rounds)
        steps = [step.clock for found in self.rounds for step in found.steps]
        return StageSpeed(
            images_per_second=self.images / median(found.step.clock for found in self.rounds),
            step_seconds=(float(np.median(steps)), float(np.percentile(steps, 95))),
            processor_seconds=median(found.step.processor for found in self.rounds),
            against_bare_loop=median(found.step.clock / found.bare.clock for found in self.rounds),
            processor_against_bare_loop=median(found.step.processor / found.bare.processor for found in self.rounds),
            waiting_for_data=median(found.waited / sum(step.clock for step in found.steps) for found in self.rounds),
            shares=shares,
            flops=flops,
            flops_of_peak=flops / bare / self.peak,
            first_step=first_step,
        )

    def _warm_up(self) -> None:
        """Let both sides take their first steps, and choose how many a round has."""
        slowest = max(step.clock for step in self.times.take())
        self.bare.steps(WARM_UP)
        self.batches.batches.steps = min(max(round(self.seconds / slowest), WARM_UP), LONGEST_ROUND) + 1

    def _bare_round(self) -> Moment:
        steps = len(self.batches) - 1
        wait_for(self.device)
        started = Moment.now()
        self.bare.steps(steps)
        wait_for(self.device)
        return (Moment.now() - started) / steps

    def _flops(self) -> int:
        """Of a step on average: a phase need not come in every one."""
        steps = math.lcm(*(phase.interval for phase in self.trainer.phases))
        with FlopCounterMode(display=False) as counter:
            self.bare.steps(steps)
        return int(counter.get_total_flops() / steps)

    def _shares(self) -> dict[str, float]:
        """What a step of the bare loop is spent on: the parts of the model and the losses are parts of `forward`."""
        clock = Clock(self.device)
        parts = dict(self.trainer.model.named_children())
        losses = {f"loss {name}": loss for name, loss in self.trainer.objective.losses.items()}
        with clock.forward_of({**parts, **losses}):
            self.bare.steps(max(len(self.batches) - 1, WARM_UP), clock)
        return of_all(clock.seconds, [*parts, *losses])


def of_all(seconds: dict[str, float], inner: list[str]) -> dict[str, float]:
    """Shares of a step that add up to 1.

    Args:
        seconds: of the sections `PHASE: forward`, `PHASE: backward` and `PHASE: optimizer`, and of what is inside.
        inner: names of parts and losses, whose time is within `forward`; what is left of that is `other`.
    """
    found: dict[str, float] = defaultdict(float)
    for name, spent in seconds.items():
        if name in inner:
            found[name] += spent
        elif name.endswith(": forward"):
            found["other"] += spent
        else:
            found[name] += spent
    found["other"] -= sum(seconds[name] for name in inner if name in seconds)
    total = sum(found.values())
    return {name: spent / total for name, spent in found.items()}
