"""Variational autoencoder (Kingma and Welling, arXiv 1312.6114): the bottleneck is a distribution."""

import torch
from gcnet_layers.unet import Down, Up
from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces import BuildContext, Estimate, Generator, ReferencePairs
from gcnet_vae.config import VAEConfig

LOG_VARIANCE = 8.0
"""Largest absolute value of the log variance: beyond, half precision overflows."""


class VAE(Generator):
    """Estimates the reference from a latent that is sampled in training and is its mean in evaluation.

    Args:
        config: widths, latent, skip connections, form of the output, weight of the divergence.
        context: image size and channels.
    """

    config: VAEConfig

    def __init__(self, config: VAEConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.down = Down(config, context, 2 * config.latent)
        self.up = Up(config, context)

    def forward(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """The neutral face, in [0, 1]; one sample of it in training mode."""
        return self._decode(query)[0]

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        """The reference and the weighted divergence of the latent from a standard normal distribution."""
        reference, mean, log_variance = self._decode(pairs.query)
        kl = self.config.kl_weight * divergence(mean, log_variance) / pairs.query[0].numel()
        return Estimate(reference, {"kl": kl})

    def _decode(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> tuple[
        Float[Tensor, "batch channel height width"], Float[Tensor, "batch latent"], Float[Tensor, "batch latent"]
    ]:
        maps, vector = self.down(query)
        mean, log_variance = vector.chunk(2, dim=1)
        log_variance = log_variance.clamp(-LOG_VARIANCE, LOG_VARIANCE)
        latent = mean
        if self.training:
            latent = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.up(latent, maps, query), mean, log_variance


def divergence(mean: Float[Tensor, "batch latent"], log_variance: Float[Tensor, "batch latent"]) -> Float[Tensor, ""]:
    """Kullback-Leibler divergence from a standard normal distribution (arXiv 1312.6114, appendix B).

    Returns:
        Sum over the latent, mean over the batch.
    """
    mean, log_variance = mean.float(), log_variance.float()
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
