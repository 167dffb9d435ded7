"""Losses beside the paper's: on gradients and codes of the generated reference, and on the classes of differences."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_losses.config import GradientConfig, PerceptualConfig, SupervisedContrastiveConfig


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "loss", "gradient", GradientConfig, "gcnet_losses.generative:Gradient",
            "absolute error of the edges of the generated reference", "arXiv:1511.05440",
        ),
        ComponentSpec(
            "loss", "perceptual", PerceptualConfig, "gcnet_losses.generative:Perceptual",
            "distance of the generated reference's code from the true one in the model's encoder", "arXiv:1603.08155",
        ),
        ComponentSpec(
            "loss", "supervised_contrastive", SupervisedContrastiveConfig,
            "gcnet_losses.contrastive:SupervisedContrastive",
            "pulls differences of one expression together and apart from the others'", "arXiv:2004.11362",
        ),
    ]  # fmt: skip
