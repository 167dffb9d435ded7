"""The paper's own parts (Kim et al., arXiv 1703.07140): models, encoder, decoder, classifiers, differences, losses."""

from collections.abc import Iterable

from gcnet_core.plugin_api import ComponentSpec, hookimpl
from gcnet_paper import config
from gcnet_paper.model_config import AdaptedCNNConfig, CNNConfig, GCNetConfig

PAPER = "arXiv:1703.07140"


@hookimpl
def gcnet_components() -> Iterable[ComponentSpec]:
    """The parts of this plugin."""
    return [
        ComponentSpec(
            "model", "gcnet", GCNetConfig, "gcnet_paper.gcnet:GCNet",
            "recognises the difference between a face and its generated neutral reference", PAPER,
        ),
        ComponentSpec(
            "model", "cnn", CNNConfig, "gcnet_paper.baseline:CNN",
            "the baseline: the same encoder and a classifier, without a reference", PAPER,
        ),
        ComponentSpec(
            "model", "cnn_adapted", AdaptedCNNConfig, "gcnet_paper.adapted:AdaptedCNN",
            "the baseline whose batch norms are adapted at test to the query's person, by an album", "arXiv:2006.16971",
        ),
        ComponentSpec(
            "encoder", "conv", config.ConvEncoderConfig, "gcnet_paper.encoder:ConvEncoder",
            "a plain convolutional network", PAPER,
        ),
        ComponentSpec(
            "generator", "conv", config.ConvGeneratorConfig, "gcnet_paper.generator:ConvGenerator",
            "a U-Net whose way down has the blocks of the encoder conv, which can begin with them", "arXiv:1505.04597",
        ),
        ComponentSpec(
            "decoder", "conv", config.ConvDecoderConfig, "gcnet_paper.decoder:ConvDecoder",
            "upsampling and convolutions from a code to a face", PAPER,
        ),
        ComponentSpec(
            "classifier", "linear", config.LinearConfig, "gcnet_paper.classifiers:Linear", "one linear layer", PAPER
        ),
        ComponentSpec(
            "classifier", "mlp", config.MLPConfig, "gcnet_paper.classifiers:MLP", "hidden layers with ReLU", PAPER
        ),
        ComponentSpec(
            "delta", "signed", config.DeltaConfig, "gcnet_paper.deltas:Signed",
            "query minus reference, with its direction", PAPER,
        ),
        ComponentSpec(
            "delta", "absolute", config.DeltaConfig, "gcnet_paper.deltas:Absolute",
            "absolute difference of query and reference", PAPER,
        ),
        ComponentSpec(
            "delta", "squared", config.DeltaConfig, "gcnet_paper.deltas:Squared",
            "squared difference of query and reference", PAPER,
        ),
        ComponentSpec(
            "loss", "cross_entropy", config.CrossEntropyConfig, "gcnet_paper.losses:CrossEntropy",
            "classification by cross-entropy, with label smoothing and class weights", PAPER,
        ),
        ComponentSpec(
            "loss", "l2", config.GenerativeConfig, "gcnet_paper.losses:L2",
            "squared error of the generated reference", PAPER,
        ),
        ComponentSpec(
            "loss", "l1", config.GenerativeConfig, "gcnet_paper.losses:L1",
            "absolute error of the generated reference", PAPER,
        ),
        ComponentSpec(
            "loss", "margin_contrastive", config.MarginContrastiveConfig, "gcnet_paper.losses:MarginContrastive",
            "pulls neutral queries to their reference, pushes expressive ones away", "Hadsell et al., CVPR 2006",
        ),
        ComponentSpec(
            "loss", "reconstruction", config.ReconstructionConfig, "gcnet_paper.losses:Reconstruction",
            "query and reference decoded from their codes", PAPER,
        ),
    ]  # fmt: skip
