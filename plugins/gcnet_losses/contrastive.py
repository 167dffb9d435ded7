"""A contrastive loss that knows the classes."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, Loss, Output, gather_batch, masked_mean
from gcnet_losses.config import SupervisedContrastiveConfig


class SupervisedContrastive(Loss):
    """Each difference is to be nearer to those of its expression than to the others of the batch.

    Khosla et al. (arXiv 2004.11362), equation 2. Neutral queries and those without a label take no part: their
    difference has no direction that would mean anything.
    """

    config: SupervisedContrastiveConfig

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean over the samples that have another one of their expression in the batch; 0 if there are none."""
        assert output.difference is not None
        direction = functional.normalize(gather_batch(output.difference.float()), dim=1)
        same = self._same(batch)
        takes_part = gather_batch(self._takes_part(batch))
        others = takes_part & ~torch.eye(len(direction), dtype=torch.bool, device=direction.device)
        compared = others | ~others.any(dim=1, keepdim=True)  # whoever is alone is no anchor, and must not become NaN
        cosine = (direction @ direction.T).float()  # autocast takes products in half precision
        similarity = (cosine / self.config.temperature).masked_fill(~compared, float("-inf"))
        log_share = similarity.log_softmax(dim=1)
        losses = -torch.where(same, log_share, 0).sum(dim=1) / same.sum(dim=1).clamp(min=1)
        return masked_mean(losses, same.any(dim=1))

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples that have another one of their expression in the batch."""
        return self._same(batch).any(dim=1).sum()

    def _same(self, batch: Batch) -> Bool[Tensor, "row row"]:
        """Which samples of the whole batch take part and are two of one expression."""
        label, takes_part = gather_batch(batch.label), gather_batch(self._takes_part(batch))
        both = takes_part[:, None] & takes_part[None, :]
        return both & (label[:, None] == label[None, :]) & ~torch.eye(len(label), dtype=torch.bool, device=label.device)

    def _takes_part(self, batch: Batch) -> Bool[Tensor, "batch"]:
        return (batch.label >= 0) & ~batch.neutral
