"""Joins: one reference of several pictures, or of their embeddings."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Join
from gcnet_references.config import AttentionConfig


class Mean(Join):
    """The mean of the candidates, DeepSets' pooling (Zaheer et al., arXiv 1703.06114)."""

    def forward(
        self,
        values: Float[Tensor, "batch candidate *value"],
        known: Bool[Tensor, "batch candidate"],
        query: Float[Tensor, "batch *value"],
        distance: Float[Tensor, "batch candidate"] | None = None,
    ) -> Float[Tensor, "batch *value"]:
        """The mean over those that are known."""
        return weighted_mean(values, known.to(values.dtype) / known.sum(dim=1, keepdim=True))


class Median(Join):
    """The median of each number; between the two middle ones their mean."""

    def forward(
        self,
        values: Float[Tensor, "batch candidate *value"],
        known: Bool[Tensor, "batch candidate"],
        query: Float[Tensor, "batch *value"],
        distance: Float[Tensor, "batch candidate"] | None = None,
    ) -> Float[Tensor, "batch *value"]:
        """The median over those that are known."""
        infinite = torch.full_like(values, torch.inf)
        ordered = torch.where(_beside(known, values), values, infinite).sort(dim=1).values
        count = known.sum(dim=1)
        lower, upper = (count - 1) // 2, count // 2
        rows = torch.arange(len(values), device=values.device)
        return (ordered[rows, lower] + ordered[rows, upper]) / 2


class Attention(Join):
    """A mean weighted by nearness to rest and by likeness to the query (after Ilse et al., arXiv 1802.04712).

    The weight of a candidate is the softmax of `a * rest + b * likeness`, where rest is minus its distance to its own
    generated neutral face and likeness minus its distance to the query, each standardized by the mean over the
    candidates of a sample; `a` and `b` are learned.

    Args:
        config: what counts.
        context: not used.
    """

    config: AttentionConfig

    def __init__(self, config: AttentionConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.rest = nn.Parameter(torch.tensor(1.0), requires_grad=config.rest)
        self.likeness = nn.Parameter(torch.tensor(0.0), requires_grad=config.likeness)

    def forward(
        self,
        values: Float[Tensor, "batch candidate *value"],
        known: Bool[Tensor, "batch candidate"],
        query: Float[Tensor, "batch *value"],
        distance: Float[Tensor, "batch candidate"] | None = None,
    ) -> Float[Tensor, "batch *value"]:
        """The weighted mean over those that are known."""
        scores = values.new_zeros(known.shape)
        if self.config.rest and distance is not None:
            scores = scores - self.rest * _relative(distance.to(values.dtype), known)
        if self.config.likeness:
            apart = (values - query[:, None]).flatten(2).square().mean(dim=2)
            scores = scores - self.likeness * _relative(apart, known)
        return weighted_mean(values, scores.masked_fill(~known, -torch.inf).softmax(dim=1))


def weighted_mean(
    values: Float[Tensor, "batch candidate *value"], weights: Float[Tensor, "batch candidate"]
) -> Float[Tensor, "batch *value"]:
    """The sum of values times weights; a weight of 0 silences whatever stands there."""
    weights = _beside(weights, values)
    return torch.where(weights > 0, weights * values, 0).sum(dim=1)


def _relative(distance: Float[Tensor, "batch candidate"], known: Bool[Tensor, "batch candidate"]) -> Tensor:
    """Distances as multiples of their mean over the known candidates of a sample."""
    distance = torch.where(known, distance, 0)
    mean = distance.sum(dim=1, keepdim=True) / known.sum(dim=1, keepdim=True)
    return distance / mean.clamp(min=1e-8)


def _beside(per_candidate: Tensor, values: Tensor) -> Tensor:
    """A tensor [batch, candidate] that multiplies values [batch, candidate, ...]."""
    return per_candidate.reshape(*per_candidate.shape, *([1] * (values.dim() - 2)))
