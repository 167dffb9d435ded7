"""A limit of values that gradients do not see."""

from torch import Tensor


def straight_through_clamp(images: Tensor) -> Tensor:
    """Limit values to [0, 1] but let gradients through as if there were no limit (straight-through estimator).

    The gradient of a plain clamp is zero outside, so that a pixel that once left the range could never return.

    Args:
        images: of any shape and range.

    Returns:
        Values in [0, 1], of the same shape.
    """
    return images + (images.clamp(0, 1) - images).detach()
