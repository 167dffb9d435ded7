"""Adversarial losses on verdicts, which are high for what is taken for true."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Terms, masked_mean

Verdicts = Float[Tensor, "batch 1 rows columns"]
Known = Bool[Tensor, "batch"]
"""Samples that count: those with a true reference. The others are computed along: to pick rows, or to ask whether there
is any, the host would have to wait for the device."""


def discriminator_loss(form: str, true: Verdicts, generated: Verdicts, known: Known) -> Float[Tensor, ""]:
    """What the discriminator minimises.

    Args:
        form: `hinge` (arXiv 1705.02894, equation 5) or `non_saturating` (Goodfellow et al., 2014, equation 1).
        true: verdicts on true references.
        generated: verdicts on generated ones.
        known: samples that count.
    """
    if form == "hinge":
        return _mean(functional.relu(1 - true) + functional.relu(1 + generated), known)
    return _mean(functional.softplus(-true) + functional.softplus(generated), known)


def generator_loss(form: str, generated: Verdicts, known: Known) -> Float[Tensor, ""]:
    """What the generator minimises; its gradient does not vanish when the discriminator is sure."""
    return _mean(-generated if form == "hinge" else functional.softplus(-generated), known)


def feature_distance(generated: list[Tensor], true: list[Tensor], known: Known) -> Float[Tensor, ""]:
    """Mean absolute difference of the discriminator's features (Wang et al., arXiv 1711.11585, equation 4)."""
    pairs = zip(generated, true, strict=True)
    return torch.stack([_mean((first - second.detach()).abs(), known) for first, second in pairs]).mean()


def gradient_penalty(
    verdicts: Verdicts, images: Float[Tensor, "batch channel height width"], known: Known
) -> Float[Tensor, ""]:
    """Half the squared gradient of the verdicts by the images (arXiv 1801.04406, equation 9)."""
    (gradient,) = torch.autograd.grad(verdicts.sum(), images, create_graph=True)
    return masked_mean(gradient.square().sum(dim=(1, 2, 3)), known) / 2


def absolute_error(generated: Tensor, true: Tensor, known: Known) -> Float[Tensor, ""]:
    """Mean absolute difference of pictures."""
    return _mean((generated - true).abs(), known)


def _mean(values: Float[Tensor, "batch channel rows columns"], known: Known) -> Float[Tensor, ""]:
    return masked_mean(values.flatten(1).mean(dim=1), known)


def weighted(**terms: tuple[float, Tensor]) -> Terms:
    """The terms whose factor is not zero, times their factors."""
    return {name: factor * value for name, (factor, value) in terms.items() if factor}
