"""Options of the generative adversarial network."""

from typing import Literal

from gcnet_layers.config import UNetConfig
from pydantic import Field

from gcnet_core.plugin_api import Betas


class GANConfig(UNetConfig):
    """Options of the generative adversarial network; the distance to the true reference is a loss of the recipe."""

    adversarial: Literal["hinge", "non_saturating"] = Field(
        "hinge", description="`hinge`: Lim and Ye, arXiv 1705.02894; `non_saturating`: Goodfellow et al., 2014"
    )
    adversarial_weight: float = Field(0.01, ge=0, description="factor of the term that the discriminator gives")
    feature_weight: float = Field(
        0.0, ge=0, description="factor of the distance in the discriminator's features, which keeps who the person is"
    )
    l1_weight: float = Field(0.0, ge=0, description="factor of the absolute error to the true reference")
    discriminator_channels: int = Field(
        32, ge=1, le=1024, description="width of the discriminator's first layer; it doubles"
    )
    discriminator_depth: int = Field(3, ge=1, le=6, description="number of halvings before the map of verdicts")
    spectral_norm: bool = Field(True, description="limit the discriminator's slope: Miyato et al., arXiv 1802.05957")
    r1: float = Field(
        0.0, ge=0, description="factor of the squared gradient at true references: Mescheder et al., arXiv 1801.04406"
    )
    interval: int = Field(
        1, ge=1, le=1_000_000, description="the discriminator takes a step on every so many of the generator's"
    )
    discriminator_learning_rate: float = Field(2e-4, gt=0, description="peak learning rate of the discriminator")
    discriminator_betas: Betas = Field((0.5, 0.99), description="decay rates of its Adam moments")
