"""The CNN baseline: the same encoder and a classifier on the embedding of the query alone."""

from collections.abc import Set as AbstractSet

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, BuildContext, Model, Output
from gcnet_paper.model_config import CNNConfig


class CNN(Model):
    """Recognises an expression from one face, without a reference.

    Args:
        config: encoder and classifier.
        context: image size and classes.
    """

    config: CNNConfig

    def __init__(self, config: CNNConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.encoder = context.build(config.encoder)
        self.classifier = context.build(config.classifier, in_features=self.encoder.width)

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Logits of the query; the reference is never looked at."""
        features = self.embed(batch)
        if self.config.normalize == "l2":
            features = functional.normalize(features.float(), dim=1)
        return Output(features=features, logits=self.classifier(features))

    def embed(self, batch: Batch) -> Float[Tensor, "batch embedding"]:
        """Embeddings of the queries, not normalized yet."""
        embeddings: Tensor = self.encoder(batch.query)
        return embeddings
