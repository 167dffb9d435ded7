"""Classifiers: from a representation to one logit per expression."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces import BuildContext, Classifier
from gcnet_paper.config import LinearConfig, MLPConfig


class Linear(Classifier):
    """One linear layer, by default behind a batch norm.

    Args:
        config: batch norm and dropout.
        context: classes.
        in_features: length of the representation.
    """

    def __init__(self, config: LinearConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        self.layers = nn.Sequential(
            nn.BatchNorm1d(in_features) if config.batch_norm else nn.Identity(),
            nn.Dropout(config.dropout),
            nn.Linear(in_features, len(context.classes)),
        )

    def forward(self, features: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Logits."""
        logits: Tensor = self.layers(features)
        return logits


class MLP(Classifier):
    """Hidden layers with ReLU, then one linear layer.

    Args:
        config: widths, batch norm and dropout.
        context: classes.
        in_features: length of the representation.
    """

    def __init__(self, config: MLPConfig, context: BuildContext, in_features: int) -> None:
        super().__init__(config, context, in_features)
        layers: list[nn.Module] = []
        for before, after in pairwise((in_features, *config.hidden)):
            norm = nn.BatchNorm1d(before) if config.batch_norm else nn.Identity()
            layers += [norm, nn.Linear(before, after), nn.ReLU(), nn.Dropout(config.dropout)]
        self.layers = nn.Sequential(*layers, nn.Linear(config.hidden[-1], len(context.classes)))

    def forward(self, features: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Logits."""
        logits: Tensor = self.layers(features)
        return logits
