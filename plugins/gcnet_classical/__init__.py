"""Classical baselines: hand-made descriptors as encoders, and a support vector machine as model."""

from collections.abc import Iterable

from gcnet_classical.config import HOGConfig, LBPConfig, SVMConfig
from gcnet_core.plugin_api import ComponentSpec, hookimpl


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "encoder", "hog", HOGConfig, "gcnet_classical.hog:HOG",
            "histograms of oriented gradients, by scikit-image", "Dalal and Triggs, CVPR 2005",
        ),
        ComponentSpec(
            "encoder", "lbp", LBPConfig, "gcnet_classical.lbp:LBP",
            "histograms of local binary patterns, by scikit-image", "Shan, Gong and McOwan, 2009",
        ),
        ComponentSpec(
            "model", "svm", SVMConfig, "gcnet_classical.svm:SVM",
            "a support vector machine on any encoder, alone or with the difference to a reference, by scikit-learn",
            "Cortes and Vapnik, 1995",
        ),
    ]  # fmt: skip
