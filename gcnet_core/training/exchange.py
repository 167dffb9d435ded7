"""What the processes of a training tell each other in a step, so that all of them take the same one."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces.processes import place_in_batch
from gcnet_core.training.global_draws import GlobalDraws
from gcnet_core.training.guard import gradients
from gcnet_core.training.phases import ActivePhase
from gcnet_core.training.processes import Processes


class Exchange:
    """Meetings within a step; in a single process nothing happens in them.

    Which terms there are depends on the samples, and so may differ between the parts of a batch.

    Args:
        processes: that train together.
    """

    def __init__(self, processes: Processes) -> None:
        self.processes = processes

    def terms(self, phase: ActivePhase, here: Collection[str]) -> list[str]:
        """Names of the terms that any process ever had in a phase; none if none has one now.

        Args:
            phase: which remembers them.
            here: terms of this process.
        """
        if self.processes.count == 1:
            return list(here)
        some, new = self.processes.any(bool(here), not set(here).issubset(phase.terms))
        if new:
            phase.terms = self.processes.union([*phase.terms, *here])
        return phase.terms if some else []

    def draws(self, rows: int) -> AbstractContextManager[Any]:
        """Inside, what is drawn for each row of a batch is what one process would draw.

        Args:
            rows: of the batch in this process.
        """
        if self.processes.count == 1:
            return nullcontext()
        before, everybody = place_in_batch(rows)
        return GlobalDraws(before, rows, everybody)

    def counts(self, counts: Float[Tensor, "number"]) -> Float[Tensor, "number"]:
        """The sum of some counts over all processes."""
        self.processes.add_up([counts])
        return counts

    def add_up(
        self, parameters: Sequence[nn.Parameter], means: dict[str, Tensor], names: Sequence[str]
    ) -> dict[str, Tensor]:
        """Add up the gradients of a phase, and the terms of the step: so a number that is not finite is so everywhere.

        Args:
            parameters: of the phase; one without a gradient here gets one if another process has it.
            means: of the terms of this process.
            names: of the terms of all, then of their total.

        Returns:
            The terms of all; none if there was nothing to learn for any of them.
        """
        if self.processes.count == 1:
            return means
        if len(names) == 1:
            return {}
        zero = torch.zeros((), device=parameters[0].device)
        figures = {name: means.get(name, zero).clone() for name in names}
        moving = self.processes.any(*(weight.grad is not None for weight in parameters))
        for weight, moves in zip(parameters, moving, strict=True):
            if moves and weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        self.processes.add_up([*gradients(parameters), *figures.values()])
        return figures
