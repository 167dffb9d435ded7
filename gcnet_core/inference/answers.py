"""Answers: what a model says of some prepared faces; and Answerer, which gives them, with torch or without."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float, UInt8

from gcnet_core.plugin_api import ImageConfig

Prepared = UInt8[np.ndarray, "face channel height width"]
"""Faces as the model expects them, 0 to 255."""


@dataclass(frozen=True)
class KnownPerson:
    """What is known of the people in some queries: embeddings of pictures of theirs.

    Args:
        codes: of each person's pictures; zeros where there are fewer.
        known: where there is one; a query without any is compared with what is made of it.
    """

    codes: Float[np.ndarray, "face candidate embedding"]
    known: Bool[np.ndarray, "face candidate"]


@dataclass(frozen=True)
class Answers:
    """What a model says.

    Args:
        probabilities: of each expression, calibrated.
        distance: between the embeddings of query and reference; None for a model without references.
        reference: the neutral faces that were made of the queries, 0 to 255; None for a model without a generator.
    """

    probabilities: Float[np.ndarray, "face class"]
    distance: Float[np.ndarray, "face"] | None = None
    reference: UInt8[np.ndarray, "face channel height width"] | None = None


@runtime_checkable
class Answerer(Protocol):
    """A model that is ready to answer."""

    name: str
    """Of the model, for messages and files."""
    classes: tuple[str, ...]
    """Expressions in the order of the probabilities."""
    image: ImageConfig
    """Size and channels of a prepared face."""
    preparation: dict[str, object] | None
    """How faces must be found and cut out, as `gcnet data prepare` saved it; None where nobody knows."""
    framing: dict[str, float] | None
    """Where the eyes must lie, where the training pictures were not cut out by gcnet; None where nobody knows."""
    temperature: float
    """At which the probabilities are given."""
    takes_references: bool
    """Whether pictures of the person change the answer, given as `codes`."""
    has_generator: bool
    """Whether it makes neutral faces."""

    @property
    def identity(self) -> str:
        """Checksum of the weights and of all that decides what a face's embedding is: codes are of one model alone."""

    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """Answer for some faces, each on its own: what else is asked with it does not matter.

        Args:
            queries: prepared faces, at least one.
            known: of their people.
            with_reference: whether the neutral faces are wanted as pictures.
        """

    def codes(self, pictures: Prepared, *, calm: bool) -> Float[np.ndarray, "picture embedding"]:
        """Embeddings of pictures of one person, to compare queries with.

        To answer with these codes is to answer with the pictures. A model that answers for the mirror image too, see
        `flip` of a model's description, gives the mean of the codes of each picture and of its mirror image.

        Args:
            pictures: prepared faces, at least one.
            calm: whether they show the face at rest and enter as they are, as a true neutral picture; otherwise they
                are an album of any expressions, each brought to rest first if the model does so.

        Raises:
            UserError: if this model takes no references.
        """
