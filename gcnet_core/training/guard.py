"""The guard: a step that would make weights non-finite is not taken."""

import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces import Terms
from gcnet_core.plugin_api import RunFailed

ADVICE = (
    "Begin a new run with a lower `training.optimizer.learning_rate`, a lower weight of the term, or "
    "`training.precision=float32`; `--resume`, which keeps the recipe, would come to the same step"
)


def check_finite(terms: Terms, stage: str, phase: str, step: int) -> None:
    """Stop if a loss term is not a finite number.

    Raises:
        RunFailed: naming stage, phase, step and term.
    """
    if all(bool(torch.isfinite(value)) for value in terms.values()):
        return
    name, value = next((name, value) for name, value in terms.items() if not torch.isfinite(value))
    raise RunFailed(
        f"stage {stage}, phase {phase}, step {step}: loss term {name} is {float(value.detach())}. "
        f"The step was not taken. {ADVICE}"
    )


def check_gradient(norm: Float[Tensor, ""], terms: Terms, stage: str, phase: str, step: int) -> None:
    """Stop if the gradient is not finite although every loss term is.

    Raises:
        RunFailed: naming stage, phase, step and the terms.
    """
    if bool(torch.isfinite(norm)):
        return
    figures = ", ".join(f"{name} {float(value.detach()):.4g}" for name, value in terms.items())
    raise RunFailed(
        f"stage {stage}, phase {phase}, step {step}: the gradient is not finite "
        f"although the loss terms are ({figures}). "
        f"The step was not taken. {ADVICE}"
    )
