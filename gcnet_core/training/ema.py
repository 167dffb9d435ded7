"""Exponential moving average of the weights, which forgets the first ones soon."""

from copy import deepcopy
from itertools import chain

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Model


class MovingAverage(nn.Module):
    """A copy of a model that follows its weights and statistics.

    `torch.optim.swa_utils.AveragedModel` asks the device for the number of updates at every weight; this one counts on
    the host, and moves all weights in a few calls. Their states are exchangeable.

    Args:
        model: which is trained; call `update` after each of its steps.
        decay: in (0, 1): share of the average that stays at a step; smaller during the first steps.
    """

    n_averaged: Tensor

    def __init__(self, model: Model, decay: float) -> None:
        super().__init__()
        self.module = deepcopy(model)
        self.decay = decay
        self.register_buffer("n_averaged", torch.tensor(0))  # stays on the CPU

    @torch.no_grad()
    def update(self, model: Model) -> None:
        """Take the weights in after a step."""
        updates = int(self.n_averaged)
        kept = min(self.decay, (1 + updates) / (10 + updates)) if updates else 0.0
        pairs = zip(_tensors(self.module), _tensors(model), strict=True)
        moving = [(average, current) for average, current in pairs if average.is_floating_point()]
        averages, currents = [average for average, _ in moving], [current.detach() for _, current in moving]
        torch._foreach_lerp_(averages, currents, 1 - kept)
        for average, current in zip(_tensors(self.module), _tensors(model), strict=True):
            if not average.is_floating_point():  # a counter
                average.copy_(current)
        self.n_averaged += 1


def _tensors(model: nn.Module) -> list[Tensor]:
    return list(chain(model.parameters(), model.buffers()))
