"""Abstract classes of the small parts: `Class(config, context)`, with `in_features` too where vectors come in."""

from abc import abstractmethod
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces.batch import Batch, Output
from gcnet_core.interfaces.component import Component, VectorComponent


class Encoder(Component):
    """Maps faces to embeddings. Subclasses set `width`, the length of an embedding."""

    width: int

    @abstractmethod
    def forward(self, images: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch embedding"]:
        """Embed faces.

        Args:
            images: in [0, 1].

        Returns:
            Codes of `width` numbers, not normalized yet.
        """

    def check_built(self) -> None:
        """Raise if `width` is not set."""
        self.required_width("width")


class Delta(VectorComponent):
    """Forms the contrastive representation of two embeddings of `in_features` numbers.

    Subclasses set `width`, its length, and `difference_width`: so many numbers at its beginning are the difference
    itself, the others are what the part appends to it. They may set `symmetry` to promise what becomes of the
    difference when query and reference are exchanged, in evaluation mode: it turns its sign (`antisymmetric`) or stays
    (`symmetric`).
    """

    width: int
    difference_width: int
    symmetry: Literal["antisymmetric", "symmetric"] | None = None

    @abstractmethod
    def forward(
        self, query_code: Float[Tensor, "batch embedding"], reference_code: Float[Tensor, "batch embedding"]
    ) -> Float[Tensor, "batch feature"]:
        """The difference of query and reference.

        Args:
            query_code: embedding of the query, `in_features` numbers.
            reference_code: embedding of the reference, as many.

        Returns:
            Representations of `width` numbers.
        """

    def check_built(self) -> None:
        """Raise if `width` or `difference_width` is not set."""
        if self.required_width("difference_width") > self.required_width("width"):
            raise ValueError(f"its difference_width is {self.difference_width}, more than its width, {self.width}")


class Classifier(VectorComponent):
    """Maps a representation of `in_features` numbers to one logit per class of `context.classes`."""

    @abstractmethod
    def forward(self, features: Float[Tensor, "batch feature"]) -> Float[Tensor, "batch class"]:
        """Score the classes.

        Args:
            features: representations of `in_features` numbers.

        Returns:
            Logits, not probabilities.
        """


class Decoder(VectorComponent):
    """Maps an embedding of `in_features` numbers back to a face."""

    @abstractmethod
    def forward(self, code: Float[Tensor, "batch embedding"]) -> Float[Tensor, "batch channel height width"]:
        """Decode embeddings.

        Args:
            code: embeddings of `in_features` numbers.

        Returns:
            Images in [0, 1].
        """


class Loss(Component):
    """One term of the objective. Its weight is applied by the trainer, not here."""

    @abstractmethod
    def forward(self, output: Output, batch: Batch) -> Float[Tensor, ""]:
        """Compute the term.

        Args:
            output: of the model, with the fields that `required_outputs` of the config names.
            batch: from which it was computed.

        Returns:
            The mean over the samples to which the term applies; exactly 0, with a gradient, if there are none.
        """

    def sample_count(self, batch: Batch) -> float | Tensor:
        """How many samples of a batch `forward` is the mean over, or the sum of their weights: all, if not overridden.

        By it several accumulated batches have the loss and the gradient of one large batch.
        """
        return float(len(batch))
