"""One optimiser step of one phase: precision, accumulated batches, clipped gradient, and the guard before it moves."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.data.randomness import keyed_seed
from gcnet_core.interfaces import Batch, Terms
from gcnet_core.recipe.schema import TrainingConfig
from gcnet_core.training.exchange import Exchange
from gcnet_core.training.global_batch_norm import global_batch_norm
from gcnet_core.training.guard import Guard, gradients, spread
from gcnet_core.training.ledger import StepFigures
from gcnet_core.training.objective import TOTAL
from gcnet_core.training.phases import ActivePhase
from gcnet_core.training.processes import ALONE, Processes
from gcnet_core.training.seed import seed_torch

AUTOCAST = {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


class OptimizerStep:
    """Takes steps of any phase. The host computes nothing from a figure of the device, so it never waits for one.

    Args:
        config: precision, and the largest norm of the gradient.
        seed: of the recipe.
        device: of the model.
        processes: that take each step together, with parts of the same batches.
    """

    def __init__(self, config: TrainingConfig, seed: int, device: torch.device, processes: Processes = ALONE) -> None:
        self.seed, self.device = seed, device
        self.exchange = Exchange(processes)
        self.draws_together = not config.compile  # a compiled part draws by itself
        self.own_draws = (processes.rank,) if processes.rank and config.compile else ()
        self.precision = config.precision
        self.largest_norm = config.clip_gradient
        self.scaler = torch.amp.GradScaler(device.type, enabled=config.precision == "fp16")
        self.guard = Guard(device)

    @global_batch_norm()
    def __call__(self, phase: ActivePhase, group: Sequence[Batch], step: int) -> StepFigures | None:
        """Move the weights of a phase once, unless a term or the gradient is not finite, now or in an earlier step.

        Args:
            phase: whose loss is minimised; it was entered.
            group: batches whose gradients are added up.
            step: number of the step, the key of what the phase draws at random.

        Returns:
            The mean of each term over the samples to which it applies, in all batches of the group as if they were
            one, and the `total` of these; None if the phase has nothing to learn from them.
        """
        phase.optimizer.zero_grad(set_to_none=True)
        share = Shares(phase, group, self.exchange)
        means: dict[str, Tensor] = {}
        for index, batch in enumerate(group):
            seed_torch(keyed_seed(self.seed, phase.name, step, index, *self.own_draws), self.device)
            drawing = self.exchange.draws(len(batch)) if self.draws_together else nullcontext()
            with autocast(self.precision, self.device), drawing:
                terms = phase.loss(batch)
            share.count(terms)
            if not terms:  # a generator that has nothing to learn from this batch
                continue
            parts = {name: share(value.float(), batch, name) for name, value in terms.items()}
            total = spread(torch.stack([*parts.values()]).sum())
            self.scaler.scale(total).backward()
            for name, value in (*parts.items(), (TOTAL, total)):
                means[name] = means[name] + value.detach() if name in means else value.detach()
        means = self.exchange.add_up(phase.parameters, means, (*share.totals, TOTAL))
        if not means:
            return None
        means[TOTAL] = means.pop(TOTAL)  # the last, whatever terms came later
        norm = self._move(phase)
        values = torch.stack([*means.values(), norm])
        return StepFigures(tuple(means), values, may_overflow=self.scaler.is_enabled())

    def _move(self, phase: ActivePhase) -> Float[Tensor, ""]:
        self.scaler.unscale_(phase.optimizer)
        norm = nn.utils.get_total_norm(gradients(phase.parameters))
        if not self.scaler.is_enabled():
            self.guard.hold(phase.optimizer, norm, self.largest_norm)
        elif self.largest_norm is not None:  # the scaler itself skips steps whose scaled gradient overflows
            nn.utils.clip_grads_with_norm_(phase.parameters, self.largest_norm, norm)
        self.scaler.step(phase.optimizer)
        self.scaler.update()
        return norm


class Shares:
    """What each batch of a group counts for in a term, so that the group has the loss and gradient of one batch.

    A mean over few samples, those with a reference for example, counts less than one over many.

    Args:
        phase: which says how many samples a term is the mean over.
        group: batches whose gradients are added up.
        exchange: with the processes that have the other parts of these batches.
    """

    def __init__(self, phase: ActivePhase, group: Sequence[Batch], exchange: Exchange) -> None:
        self.phase, self.group, self.exchange = phase, group, exchange
        self.is_all = len(group) == exchange.processes.count == 1
        self.totals: dict[str, Tensor] = {}

    def count(self, terms: Terms) -> None:
        """Count the samples of terms in all batches of all processes, and all samples."""
        if self.is_all:
            return
        new = [name for name in self.exchange.terms(self.phase, terms) if name not in self.totals]
        if new:
            counts = [torch.stack([self._count(batch, name) for batch in self.group]).sum() for name in new]
            images = counts[0].new_tensor(sum(map(len, self.group)))
            *totals, self.images = self.exchange.counts(torch.stack([*counts, images])).unbind()
            self.totals |= dict(zip(new, totals, strict=True))

    def __call__(self, value: Float[Tensor, ""], batch: Batch, term: str) -> Float[Tensor, ""]:
        """A term of a batch, times its share, which is in [0, 1]; the shares of all add up to 1."""
        if self.is_all:
            return value
        total = self.totals[term]
        of_all = len(batch) / self.images  # where it applies to nobody, and is zero
        return value * torch.where(total > 0, self._count(batch, term) / total, of_all)

    def _count(self, batch: Batch, term: str) -> Float[Tensor, ""]:
        return torch.as_tensor(self.phase.sample_count(batch, term), dtype=torch.float32, device=batch.query.device)


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """The precision of forward passes.

    Args:
        precision: `float32`, `bf16` or `fp16`.
        device: on which they run.
    """
    dtype = AUTOCAST[precision]
    return nullcontext() if dtype is None else torch.autocast(device.type, dtype=dtype)
