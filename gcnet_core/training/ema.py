"""Exponential moving average of the weights, which forgets the first ones soon."""

from torch import Tensor
from torch.optim.swa_utils import AveragedModel

from gcnet_core.interfaces import Model


def averaged_model(model: Model, decay: float) -> AveragedModel:
    """A copy of a model that follows its weights and statistics.

    Args:
        model: which is trained; call `update_parameters(model)` after each of its steps.
        decay: in (0, 1): share of the average that stays at a step; smaller during the first steps.
    """

    def average(averaged: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        warm = min(decay, (1 + int(updates)) / (10 + int(updates)))
        return averaged * warm + current * (1 - warm)

    return AveragedModel(model, avg_fn=average, use_buffers=True)
