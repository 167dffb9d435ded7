"""Weights in half precision, which takes half the room, where the answers stay the same."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from gcnet_core.inference.answers import Answerer, Prepared

TOLERANCE = 0.005
"""How far the probability of an expression may move: half a point of a hundred, below what anybody reads."""


@dataclass(frozen=True)
class AnswerChange:
    """How far the answers of one model differ from those of another that is to be the same.

    Args:
        faces: that both were asked about.
        probability: the largest difference of the probabilities of an expression.
        labels: faces whose most probable expression is another one.
    """

    faces: int
    probability: float
    labels: int


def answer_change(first: Answerer, second: Answerer, faces: Prepared, batch_size: int = 64) -> AnswerChange:
    """Ask two models about the same faces.

    Args:
        first: a model.
        second: another one with the same classes.
        faces: at least one.
        batch_size: faces that are asked about at a time.
    """
    parts = [faces[start : start + batch_size] for start in range(0, len(faces), batch_size)]
    one, other = (np.concatenate([model.answer(part).probabilities for part in parts]) for model in (first, second))
    changed = int((one.argmax(axis=1) != other.argmax(axis=1)).sum())
    return AnswerChange(len(faces), float(np.abs(one - other).max()), changed)


def halved(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Kernels and matrices in half precision; vectors, such as statistics of norms, are few and stay."""
    return {name: value.half() if _is_matrix(value) else value for name, value in weights.items()}


def _is_matrix(value: Tensor) -> bool:
    return value.dtype == torch.float32 and value.dim() > 1
