"""Forms of the difference between the codes of query and reference (arXiv 1703.07140 leaves the form open)."""

import math
from abc import abstractmethod

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Delta
from gcnet_paper.config import DeltaConfig


class ScaledDelta(Delta):
    """A form of the difference, scaled by one positive factor or by batch norm.

    Args:
        config: the factor and whether it is learned, or batch norm; whether the query's code is appended.
        context: not used.
        in_features: length of a code.
    """

    config: DeltaConfig

    def __init__(self, config: DeltaConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        learned = config.learn_scale and (config.append_query or not config.batch_norm)  # otherwise it has no use
        self.log_scale = nn.Parameter(torch.tensor(math.log(config.scale)), requires_grad=learned)
        self.norm = nn.BatchNorm1d(in_features) if config.batch_norm else None
        self.difference_width = in_features
        self.width = in_features * (2 if config.append_query else 1)

    @abstractmethod
    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The form of query minus reference."""

    def forward(
        self, query_code: Float[Tensor, "batch embedding"], reference_code: Float[Tensor, "batch embedding"]
    ) -> Float[Tensor, "batch feature"]:
        """The scaled difference, followed by the query's code times the factor if asked for."""
        scale = self.log_scale.exp()
        delta = self.form(query_code - reference_code)
        delta = scale * delta if self.norm is None else self.norm(delta)
        return torch.cat([delta, scale * query_code], dim=1) if self.config.append_query else delta


class Signed(ScaledDelta):
    """z_q - z_r: keeps the direction of the movement.

    Args:
        config: see `ScaledDelta`; with batch norm the difference of equal codes need not be zero.
        context: not used.
        in_features: length of a code.
    """

    def __init__(self, config: DeltaConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.symmetry = None if config.batch_norm else "antisymmetric"

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The difference itself."""
        return difference


class Absolute(ScaledDelta):
    """|z_q - z_r|: how much each component moved."""

    symmetry = "symmetric"

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The absolute difference."""
        return difference.abs()


class Squared(ScaledDelta):
    """(z_q - z_r)^2: large movements count more."""

    symmetry = "symmetric"

    def form(self, difference: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch embedding"]:
        """The squared difference."""
        return difference.square()
