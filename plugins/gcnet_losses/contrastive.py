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
        takes_part = self._takes_part(batch)
        difference = gather_batch(output.difference.float()[takes_part])
        label = gather_batch(batch.label[takes_part])
        direction = functional.normalize(difference, dim=1)
        itself = torch.eye(len(label), dtype=torch.bool, device=label.device)
        cosine = (direction @ direction.T).float()  # autocast takes products in half precision
        similarity = (cosine / self.config.temperature).masked_fill(itself, float("-inf"))
        log_share = similarity.log_softmax(dim=1) if len(label) > 1 else similarity
        same = (label[:, None] == label[None, :]) & ~itself
        anchors = same.any(dim=1)
        losses = -torch.where(same, log_share, 0).sum(dim=1) / same.sum(dim=1).clamp(min=1)
        return masked_mean(losses, anchors)

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples that have another one of their expression in the batch."""
        label = gather_batch(batch.label[self._takes_part(batch)])
        return ((label[:, None] == label[None, :]).sum(dim=1) > 1).sum()

    def _takes_part(self, batch: Batch) -> Bool[Tensor, "batch"]:
        return (batch.label >= 0) & ~batch.neutral
