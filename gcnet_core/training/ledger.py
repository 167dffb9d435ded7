"""The ledger: what a step computed stays on the device; the host reads many steps at once, and never within one."""

import time
from collections import defaultdict
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.training.guard import check_figures
from gcnet_core.training.mean_terms import MeanTerms

STEPS, SECONDS = 64, 0.25
"""The host reads after so many steps, or after so long, whatever comes first."""


@dataclass(frozen=True)
class StepFigures:
    """What one phase computed in one step.

    Args:
        names: of the loss terms; the last is their total.
        values: of these, then the norm of the gradient, on the device.
        may_overflow: whether a gradient that is not finite is nothing but a step that is left out, see `GradScaler`.
    """

    names: tuple[str, ...]
    values: Float[Tensor, "figure"]
    may_overflow: bool


class Ledger:
    """Means of the loss terms of an epoch, by phase, in the order in which they first came."""

    def __init__(self) -> None:
        self.means: dict[str, MeanTerms] = defaultdict(MeanTerms)
        self.unread: list[tuple[str, str, int, StepFigures]] = []
        self.last_read = time.monotonic()

    def add(self, stage: str, phase: str, step: int, figures: StepFigures | None) -> None:
        """Note a step; None if the phase had nothing to learn in it.

        Raises:
            RunFailed: if an earlier step was not taken, because a figure of it is not finite.
        """
        self.means[phase].steps += 1
        if figures is not None:
            self.unread.append((stage, phase, step, figures))
        if len(self.unread) >= STEPS or time.monotonic() - self.last_read > SECONDS:
            self.read()

    def read(self) -> None:
        """Bring what was noted to the host, all in one copy.

        Raises:
            RunFailed: naming the first step that was not taken, and why.
        """
        unread, self.unread = self.unread, []
        everything = torch.cat([figures.values for *_, figures in unread]).tolist() if unread else []
        for stage, phase, step, figures in unread:
            here, everything = everything[: len(figures.values)], everything[len(figures.values) :]
            terms = dict(zip(figures.names, here, strict=False))
            check_figures(terms, here[-1], f"stage {stage}, phase {phase}, step {step}", figures.may_overflow)
            self.means[phase].add(terms)
        self.last_read = time.monotonic()
