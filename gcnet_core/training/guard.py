"""The guard: a step that would make weights non-finite is not taken."""

import math
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.plugin_api import RunFailed

ADVICE = (
    "Begin a new run with a lower `training.optimizer.learning_rate`, a lower weight of the term, or "
    "`training.precision=float32`; `--resume`, which keeps the recipe, would come to the same step"
)


class Guard:
    """Keeps weights as they are from the first step on whose gradient is not finite, without a word to the host.

    The fused optimisers of torch look at a flag on the device before they move anything: so nobody has to wait until
    the device has come to this step. Whoever reads the figures of the step tells why, see `check_figures`.

    Args:
        device: of the model.
    """

    def __init__(self, device: torch.device) -> None:
        self.stopped: Float[Tensor, ""] = torch.zeros((), device=device)

    def hold(self, optimizer: torch.optim.Optimizer, norm: Float[Tensor, ""], largest: float | None) -> None:
        """Have an optimiser take its next step only if the gradient is finite, and was so in all steps before.

        Args:
            optimizer: a fused one of torch.
            norm: of the gradient.
            largest: norm to which the optimiser shortens a longer gradient as it reads it, which saves the pass of
                `clip_grad_norm_` over all weights; None: none is too long.
        """
        self.stopped = torch.maximum(self.stopped, (~torch.isfinite(norm)).float())
        scale = None if largest is None else ((norm + 1e-6) / largest).clamp(min=1)
        optimizer.grad_scale, optimizer.found_inf = scale, self.stopped  # type: ignore[attr-defined]


def spread(total: Float[Tensor, ""]) -> Float[Tensor, ""]:
    """A loss, with a gradient that is finite only if the loss is: a term may be infinite and its slope zero."""
    return total * torch.where(torch.isfinite(total.detach()), 1.0, math.nan)


def check_figures(terms: Mapping[str, float], norm: float, where: str, may_overflow: bool) -> None:
    """Stop if a step was not taken because a loss term or the gradient is not a finite number.

    Args:
        terms: by name; the last is their total.
        norm: of the gradient.
        where: stage, phase and step.
        may_overflow: whether the norm alone is no reason to stop.

    Raises:
        RunFailed: naming where, and the term, or all terms.
    """
    bad = [name for name, value in terms.items() if not math.isfinite(value)]
    if bad:
        reason = f"loss term {bad[0]} is {terms[bad[0]]}"
    elif not math.isfinite(norm) and not may_overflow:
        figures = ", ".join(f"{name} {value:.4g}" for name, value in list(terms.items())[:-1])
        reason = f"the gradient is not finite although the loss terms are ({figures})"
    else:
        return
    raise RunFailed(f"{where}: {reason}. The step was not taken. {ADVICE}")


def gradients(parameters: Sequence[torch.nn.Parameter]) -> list[Tensor]:
    """Those that there are; a weight that took no part in the loss has none."""
    return [weight.grad for weight in parameters if weight.grad is not None]
