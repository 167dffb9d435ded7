"""The four terms of the objective (arXiv 1703.07140): classification, generative, contrastive, reconstruction."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, BuildContext, Loss, Output, masked_mean
from gcnet_paper.config import CrossEntropyConfig, MarginContrastiveConfig


class CrossEntropy(Loss):
    """Cross-entropy with label smoothing and class weights; samples without a label (-1) do not count.

    Args:
        config: smoothing and weights.
        context: classes and how many training samples each has.
    """

    config: CrossEntropyConfig
    weight: Tensor | None

    def __init__(self, config: CrossEntropyConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.register_buffer("weight", _class_weights(config, context), persistent=False)

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Weighted mean over labelled samples."""
        assert output.logits is not None
        labelled = batch.label >= 0
        target = batch.votes if self.config.soft else batch.label.clamp(min=0)
        losses = functional.cross_entropy(
            output.logits.float(),
            target,
            weight=self.weight,
            label_smoothing=self.config.label_smoothing,
            reduction="none",
        )
        count = self.sample_count(batch)
        return torch.where(labelled, losses, 0).sum() / torch.where(count > 0, count, 1)

    def sample_count(self, batch: Batch) -> Tensor:
        """Labelled samples, or the sum of their classes' weights; means over shares of votes leave the weights out."""
        labelled = batch.label >= 0
        if self.weight is None or self.config.soft:
            return labelled.sum()
        return torch.where(labelled, self.weight[batch.label.clamp(min=0)], 0).sum()


class L2(Loss):
    """Squared error between the generated and the true reference, where it is known."""

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean over pixels and over samples with a reference."""
        assert output.reference is not None
        error = (output.reference.float() - batch.reference).square()
        return masked_mean(error.flatten(1).mean(dim=1), batch.has_reference)

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples with a reference."""
        return batch.has_reference.sum()


class L1(Loss):
    """Absolute error between the generated and the true reference, where it is known."""

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean over pixels and over samples with a reference."""
        assert output.reference is not None
        error = (output.reference.float() - batch.reference).abs()
        return masked_mean(error.flatten(1).mean(dim=1), batch.has_reference)

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples with a reference."""
        return batch.has_reference.sum()


class MarginContrastive(Loss):
    """Pulls a neutral query to its reference, pushes an expressive one from it up to the margin.

    Hadsell, Chopra and LeCun, Dimensionality reduction by learning an invariant mapping (CVPR 2006), equation 4,
    without its factor 1/2.
    """

    config: MarginContrastiveConfig

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean over the batch."""
        assert output.query_code is not None
        assert output.reference_code is not None
        squared = (output.query_code.float() - output.reference_code.float()).square().sum(dim=1)
        # the square root has no gradient at zero, where a query equals its reference
        distance = (squared + torch.finfo(squared.dtype).eps).sqrt()
        return torch.where(batch.neutral, squared, (self.config.margin - distance).clamp(min=0).square()).mean()


class Reconstruction(Loss):
    """Squared error of the decoded query code against the query, plus that of the reference code against the reference.

    Where the true reference is unknown the generated one is the target, as a constant. Of a model that generates none,
    the given reference was encoded and is the target; where there is none, nothing is.
    """

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Mean over pixels and samples."""
        assert output.query_reconstruction is not None
        assert output.reference_reconstruction is not None
        decoded = output.reference_reconstruction.float()
        if output.reference is None:
            target, known, stand_in = batch.true_reference, batch.has_true_reference, decoded.detach()
        else:
            target, known, stand_in = batch.reference, batch.has_reference, output.reference.detach().float()
        target = torch.where(known.view(-1, 1, 1, 1), target, stand_in)
        query_error = functional.mse_loss(output.query_reconstruction.float(), batch.query)
        return query_error + functional.mse_loss(decoded, target)


def _class_weights(config: CrossEntropyConfig, context: BuildContext) -> Float[Tensor, "class"] | None:
    if config.class_weights is None:
        return None
    if config.class_weights == "balanced":
        counts = torch.tensor(context.class_counts, dtype=torch.float32)
        return counts.sum() / (len(counts) * counts.clamp(min=1))
    return torch.tensor([config.class_weights.get(name, 1.0) for name in context.classes])
