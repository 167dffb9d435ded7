"""Adversarial losses on verdicts, which are high for what is taken for true."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Terms

Verdicts = Float[Tensor, "batch 1 rows columns"]


def discriminator_loss(form: str, true: Verdicts, generated: Verdicts) -> Float[Tensor, ""]:
    """What the discriminator minimises.

    Args:
        form: `hinge` (arXiv 1705.02894, equation 5) or `non_saturating` (Goodfellow et al., 2014, equation 1).
        true: verdicts on true references.
        generated: verdicts on generated ones.
    """
    if form == "hinge":
        return functional.relu(1 - true).mean() + functional.relu(1 + generated).mean()
    return functional.softplus(-true).mean() + functional.softplus(generated).mean()


def generator_loss(form: str, generated: Verdicts) -> Float[Tensor, ""]:
    """What the generator minimises; its gradient does not vanish when the discriminator is sure."""
    return -generated.mean() if form == "hinge" else functional.softplus(-generated).mean()


def feature_distance(generated: list[Tensor], true: list[Tensor]) -> Float[Tensor, ""]:
    """Mean absolute difference of the discriminator's features (Wang et al., arXiv 1711.11585, equation 4)."""
    pairs = zip(generated, true, strict=True)
    return torch.stack([(first - second.detach()).abs().mean() for first, second in pairs]).mean()


def gradient_penalty(verdicts: Verdicts, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, ""]:
    """Half the squared gradient of the verdicts by the images (arXiv 1801.04406, equation 9)."""
    (gradient,) = torch.autograd.grad(verdicts.sum(), images, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean() / 2


def weighted(**terms: tuple[float, Tensor]) -> Terms:
    """The terms whose factor is not zero, times their factors."""
    return {name: factor * value for name, (factor, value) in terms.items() if factor}
