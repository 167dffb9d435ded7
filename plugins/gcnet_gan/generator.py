"""Conditional GAN (Isola et al., arXiv 1611.07004): a discriminator asks for references as sharp as true ones."""

from collections.abc import Sequence

from gcnet_layers.unet import Down, Up
from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces import BuildContext, Estimate, Generator, Phase, ReferencePairs, Terms
from gcnet_gan.config import GANConfig
from gcnet_gan.discriminator import Discriminator
from gcnet_gan.losses import (
    absolute_error,
    discriminator_loss,
    feature_distance,
    generator_loss,
    gradient_penalty,
    weighted,
)


class GAN(Generator):
    """A U-Net that a discriminator judges in a phase of its own, on samples whose true reference is known.

    Args:
        config: of the U-Net, the discriminator and the terms.
        context: image size and channels.
    """

    config: GANConfig

    def __init__(self, config: GANConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.down = Down(config, context, config.latent)
        self.up = Up(config, context)
        self.discriminator = Discriminator(config, context.image.channels)

    def forward(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """The neutral face, in [0, 1]."""
        maps, latent = self.down(query)
        reference: Tensor = self.up(latent, maps, query)
        return reference

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        """The reference with the discriminator's verdict on it, and the distances to the true one."""
        reference, known = self(pairs.query), pairs.has_reference
        verdicts, features = self.discriminator(pairs.query, reference)
        distance = verdicts.new_zeros(())
        if self.config.feature_weight:
            distance = feature_distance(features, self.discriminator(pairs.query, pairs.reference)[1], known)
        terms = weighted(
            adversarial=(self.config.adversarial_weight, generator_loss(self.config.adversarial, verdicts, known)),
            features=(self.config.feature_weight, distance),
            absolute=(self.config.l1_weight, absolute_error(reference, pairs.reference, known)),
        )
        return Estimate(reference, terms)

    def sample_count(self, pairs: ReferencePairs, term: str) -> Tensor:
        """Samples with a reference, for every term."""
        return pairs.has_reference.sum()

    def phases(self) -> Sequence[Phase]:
        """The discriminator's own phase."""
        config = self.config
        return [
            Phase(
                "discriminator",
                [self.discriminator],
                self.discriminate,
                config.interval,
                config.discriminator_learning_rate,
                config.discriminator_betas,
                lambda pairs: pairs.has_reference.sum(),
            )
        ]

    def discriminate(self, pairs: ReferencePairs) -> Terms:
        """What the discriminator minimises on the samples with a true reference."""
        known = pairs.has_reference
        true = pairs.reference.clone().requires_grad_(self.config.r1 > 0)
        on_true = self.discriminator(pairs.query, true)[0]
        on_generated = self.discriminator(pairs.query, self(pairs.query).detach())[0]
        terms = {"verdict": discriminator_loss(self.config.adversarial, on_true, on_generated, known)}
        if self.config.r1:
            terms["r1"] = self.config.r1 * gradient_penalty(on_true, true, known)
        return terms
