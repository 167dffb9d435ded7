"""Abstract classes of the small parts. Each is built as `Class(config, context)`."""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces.batch import Batch, Output


class Encoder(nn.Module, ABC):
    """Maps faces to embeddings. `width` is the length of an embedding."""

    width: int

    @abstractmethod
    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Embed images in [0, 1]; the code is not normalised yet."""


class Delta(nn.Module, ABC):
    """Forms the contrastive representation of two embeddings.

    `width` is its length; the first `difference_width` numbers are the difference itself, the others what the part
    appends to it.
    """

    width: int
    difference_width: int

    @abstractmethod
    def forward(
        self, query_code: Float[Tensor, "batch embedding"], reference_code: Float[Tensor, "batch embedding"]
    ) -> Float[Tensor, "batch feature"]:
        """The difference of query and reference."""


class Classifier(nn.Module, ABC):
    """Maps a representation of `context.width` numbers to one logit per class of `context.classes`."""

    @abstractmethod
    def forward(self, features: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Logits, not probabilities."""


class Decoder(nn.Module, ABC):
    """Maps an embedding of `context.width` numbers back to a face."""

    @abstractmethod
    def forward(self, code: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch channel height width"]:
        """Images in [0, 1]."""


class Loss(nn.Module, ABC):
    """One term of the objective. Its weight is applied by the trainer, not here."""

    @abstractmethod
    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """The mean over the samples to which the term applies; exactly 0, with a gradient, if there are none."""
