"""Optimisers by name, and the learning rate as a pure function of the step."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from gcnet_core.recipe.schema import OptimizerConfig


def make_optimizer(
    parameters: Iterable[nn.Parameter],
    config: OptimizerConfig,
    learning_rate: float | None = None,
    betas: tuple[float, float] | None = None,
) -> torch.optim.Optimizer:
    """AdamW or SGD; weights of one dimension (biases, norms) are not decayed.

    Args:
        parameters: to be moved.
        config: of the recipe.
        learning_rate: peak rate; None takes the recipe's.
        betas: of AdamW; None takes the recipe's.
    """
    parameters = list(parameters)
    groups = [
        {"params": [weight for weight in parameters if weight.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [weight for weight in parameters if weight.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    peak = learning_rate or config.learning_rate
    if config.type == "sgd":
        return _sgd(groups, peak, config.momentum)
    return torch.optim.AdamW(groups, lr=peak, betas=betas or config.betas, fused=True)  # one pass over the weights


def _sgd(groups: list[dict[str, Any]], peak: float, momentum: float) -> torch.optim.SGD:
    optimizer = torch.optim.SGD(groups, lr=peak, momentum=momentum, nesterov=momentum > 0, fused=True)
    for weight in (weight for group in groups if momentum for weight in group["params"]):
        # torch would make it at the first step, of whatever is in memory if that step is not taken
        optimizer.state[weight]["momentum_buffer"] = torch.zeros_like(weight)
    return optimizer


def rate_factor(step: int, steps: int, config: OptimizerConfig) -> float:
    """Share of the peak learning rate at a step: linear warm-up, then half a cosine down to zero.

    Args:
        step: from 0.
        steps: of the stage.
        config: warm-up share and schedule.

    Returns:
        A factor in (0, 1].
    """
    warmup = round(config.warmup * steps)
    if step < warmup:
        return (step + 1) / (warmup + 1)
    if config.schedule == "constant":
        return 1.0
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))
