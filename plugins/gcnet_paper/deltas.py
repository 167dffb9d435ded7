"""Forms of the difference between the codes of query and reference (arXiv 1703.07140 leaves the form open)."""

import math
from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Delta
from gcnet_paper.config import DeltaConfig


class ScaledDelta(Delta):
    """A form of the difference times a positive factor.

    Args:
        config: the factor, whether it is learned, whether the query's code is appended.
        context: length of a code.
    """

    def __init__(self, config: DeltaConfig, context: BuildContext) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)), requires_grad=config.learn_scale)
        self.append_query = config.append_query
        self.difference_width = context.width
        self.width = context.width * (2 if config.append_query else 1)

    @abstractmethod
    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The form of query minus reference."""

    def forward(
        self, query_code: Float[Tensor, "batch embedding"], reference_code: Float[Tensor, "batch embedding"]
    ) -> Float[Tensor, "batch feature"]:
        """The scaled difference, followed by the query's code times the same factor if asked for."""
        scale = self.log_scale.exp()
        delta = scale * self.form(query_code - reference_code)
        return torch.cat([delta, scale * query_code], dim=1) if self.append_query else delta


class Signed(ScaledDelta):
    """z_q - z_r: keeps the direction of the movement."""

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The difference itself."""
        return difference


class Absolute(ScaledDelta):
    """|z_q - z_r|: how much each component moved."""

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The absolute difference."""
        return difference.abs()


class Squared(ScaledDelta):
    """(z_q - z_r)^2: large movements count more."""

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The squared difference."""
        return difference.square()
