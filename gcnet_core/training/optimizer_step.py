"""One optimiser step of one phase: precision, accumulated batches, clipped gradient, and the guard before it moves."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

from gcnet_core.data.randomness import keyed_seed
from gcnet_core.interfaces import Batch, Terms
from gcnet_core.recipe.schema import TrainingConfig
from gcnet_core.training.guard import check_finite, check_gradient
from gcnet_core.training.objective import TOTAL
from gcnet_core.training.phases import ActivePhase
from gcnet_core.training.seed import seed_torch

AUTOCAST = {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class OptimizerStep:
    """Takes steps of any phase.

    Args:
        config: precision, and the largest norm of the gradient.
        seed: of the recipe.
        device: of the model.
    """

    def __init__(self, config: TrainingConfig, seed: int, device: torch.device) -> None:
        self.seed, self.device = seed, device
        self.precision = config.precision
        self.largest_norm = config.clip_gradient or float("inf")
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")

    def __call__(self, stage: str, phase: ActivePhase, group: Sequence[Batch], step: int) -> dict[str, float]:
        """Move the weights of a phase once.

        Args:
            stage: its name, for errors.
            phase: whose loss is minimised.
            group: batches whose gradients are added up.
            step: number of the step, the key of what the phase draws at random.

        Returns:
            The mean of each term over the samples to which it applies, in all batches of the group as if they were
            one, and the `total` of these.

        Raises:
            RunFailed: if a term or the gradient is not finite; the step is not taken then.
        """
        phase.enter()
        phase.optimizer.zero_grad(set_to_none=True)
        share = Shares(phase, group)
        means: dict[str, float] = defaultdict(float)
        for index, batch in enumerate(group):
            seed_torch(keyed_seed(self.seed, phase.name, step, index), self.device)
            with autocast(self.precision, self.device):
                terms = phase.loss(batch)
            check_finite(terms, stage, phase.name, step)
            if not terms:  # a generator that has nothing to learn from this batch
                continue
            parts = {name: value.float() * share(batch, name) for name, value in terms.items()}
            total = torch.stack([*parts.values()]).sum()
            self.scaler.scale(total).backward()
            for name, value in (*parts.items(), (TOTAL, total)):
                means[name] += float(value.detach())
        if not means:
            return means
        self._move(stage, phase, terms, step)
        return means

    def _move(self, stage: str, phase: ActivePhase, terms: Terms, step: int) -> None:
        self.scaler.unscale_(phase.optimizer)
        norm = nn.utils.clip_grad_norm_(phase.parameters, self.largest_norm)
        if not self.scaler.is_enabled():  # the scaler itself skips steps whose scaled gradient overflows
            check_gradient(norm, terms, stage, phase.name, step)
        self.scaler.step(phase.optimizer)
        self.scaler.update()


class Shares:
    """What each batch of a group counts for in a term, so that the group has the loss and gradient of one batch.

    A mean over few samples, those with a reference for example, counts less than one over many.

    Args:
        phase: which says how many samples a term is the mean over.
        group: batches whose gradients are added up.
    """

    def __init__(self, phase: ActivePhase, group: Sequence[Batch]) -> None:
        self.phase, self.group = phase, group
        self.totals: dict[str, float] = {}

    def __call__(self, batch: Batch, term: str) -> float:
        """The share of a batch, in [0, 1]; those of a group add up to 1."""
        if len(self.group) == 1:
            return 1.0
        if term not in self.totals:
            self.totals[term] = sum(float(self.phase.sample_count(each, term)) for each in self.group)
        if not self.totals[term]:  # it applies to nobody, and is zero
            return len(batch) / sum(map(len, self.group))
        return float(self.phase.sample_count(batch, term)) / self.totals[term]


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """The precision of forward passes.

    Args:
        precision: `float32`, `bf16` or `fp16`.
        device: on which they run.
    """
    dtype = AUTOCAST[precision]
    return nullcontext() if dtype is None else torch.autocast(device.type, dtype=dtype)
