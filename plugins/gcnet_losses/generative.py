"""Losses of the generated reference that see what a squared error of pixels overlooks."""

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, Loss, Output, masked_mean


class Gradient(Loss):
    """Absolute error of the differences of neighbouring pixels, where the true reference is known.

    Mathieu, Couprie and LeCun (arXiv 1511.05440), equation 6 with alpha 1, but with the signs of the differences.
    """

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Sum of both directions, mean over pixels and over samples with a reference."""
        assert output.reference is not None
        error = output.reference.float() - batch.reference
        errors = [error.diff(dim=dim).abs().flatten(1).mean(dim=1) for dim in (2, 3)]
        return masked_mean(errors[0] + errors[1], batch.has_reference)

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples with a reference."""
        return batch.has_reference.sum()


class Perceptual(Loss):
    """Squared distance of the code of the generated reference from that of the true one, where it is known.

    Johnson, Alahi and Fei-Fei (arXiv 1603.08155), equation 2, on the encoder's last layer, between codes of length 1:
    how long an encoder makes its codes must not decide what the loss weighs.
    """

    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """In [0, 4]: sum over the code, mean over samples with a reference."""
        assert output.reference_code is not None
        assert output.target_code is not None
        code, target = (functional.normalize(each.float()) for each in (output.reference_code, output.target_code))
        error = (code - target).square().sum(dim=1)
        return masked_mean(error, batch.has_reference)

    def sample_count(self, batch: Batch) -> Tensor:
        """Samples with a reference."""
        return batch.has_reference.sum()
