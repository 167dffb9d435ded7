"""The bare loop: the least that trains the same network: forward, losses, backward and step, on batches in memory."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import torch

from gcnet_core.benchmark.clock import Clock
from gcnet_core.interfaces import Batch
from gcnet_core.training.modes import Modes
from gcnet_core.training.optimizer_step import autocast
from gcnet_core.training.phases import ActivePhase


class BareLoop:
    """Steps of the phases of a stage, with nothing around them: no data path, no guard, no metrics, no random keys.

    Args:
        phases: of the running stage.
        groups: batches of each step, on the device; they are gone through again and again.
        precision: of forward passes.
        device: of the model.
    """

    def __init__(
        self, phases: Sequence[ActivePhase], groups: Sequence[Sequence[Batch]], precision: str, device: torch.device
    ) -> None:
        self.phases, self.groups, self.precision, self.device = phases, groups, precision, device
        self.modes = Modes(phases)

    def steps(self, count: int, clock: Clock | None = None) -> None:
        """Take some steps.

        Args:
            count: how many.
            clock: takes the time of each phase's loss, backward pass and optimiser; None: nobody does.
        """
        self.modes.forget()
        for step in range(count):
            group = self.groups[step % len(self.groups)]
            for phase in self.phases:
                if step % phase.interval == 0:
                    self._step(phase, group, clock)

    def _step(self, phase: ActivePhase, group: Sequence[Batch], clock: Clock | None) -> None:
        def section(name: str) -> AbstractContextManager[None]:
            return nullcontext() if clock is None else clock.section(f"{phase.name}: {name}")

        self.modes.enter(phase)
        phase.optimizer.zero_grad(set_to_none=True)
        for batch in group:
            with section("forward"), autocast(self.precision, self.device):
                terms = phase.loss(batch)
            if not terms:  # a generator that has nothing to learn from this batch
                continue
            with section("backward"):
                (torch.stack([value.float() for value in terms.values()]).sum() / len(group)).backward()
        with section("optimizer"):
            phase.optimizer.step()
