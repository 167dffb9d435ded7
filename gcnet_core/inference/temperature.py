"""Temperature: how sure a model says it is, set so that of the answers given with 70 % about 70 % are right."""

from jaxtyping import Float
from torch import Tensor

FLOOR = 1e-30
"""Least probability whose logarithm is taken; float32 holds it."""


def at_temperature(probabilities: Float[Tensor, "face class"], temperature: float) -> Float[Tensor, "face class"]:
    """Probabilities at another temperature (Guo et al., On calibration of modern neural networks, ICML 2017).

    Of one softmax it is that of the logits divided by the temperature. The mean of an image's softmax and its mirror
    image's has no logits, so the logarithms are divided, after the mean: what is fitted to the predictions of a run is
    what is applied, and the most probable expression stays the same.

    Args:
        probabilities: of each expression, in [0, 1].
        temperature: above 1 less sure, below 1 surer.
    """
    if temperature == 1:
        return probabilities
    return (probabilities.clamp(min=FLOOR).log() / temperature).softmax(dim=1)
