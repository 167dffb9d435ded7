"""What flows between the parts: a batch of faces in, an output with codes and logits out."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

Terms = dict[str, Float[Tensor, ""]]
"""Named scalar terms of an objective, before weighting by the recipe."""


def masked_mean(values: Float[Tensor, "batch"], mask: Bool[Tensor, "batch"]) -> Float[Tensor, ""]:
    """Mean over the samples of a mask, such as `has_reference`; 0, with a gradient of 0, if there are none."""
    return torch.where(mask, values, 0).sum() / mask.sum().clamp(min=1)


@dataclass(frozen=True)
class ReferencePairs:
    """All that a generator is taught by: pictures, never what they show. All images are in [0, 1].

    Args:
        query: faces whose neutral face is to be estimated.
        reference: the neutral face that is to be estimated; zeros where unknown.
        has_reference: where `reference` is known.
    """

    query: Float[Tensor, "batch channel height width"]
    reference: Float[Tensor, "batch channel height width"]
    has_reference: Bool[Tensor, "batch"]

    def __len__(self) -> int:
        return len(self.query)


if TYPE_CHECKING:  # None becomes an album of no pictures when a batch is made, so nobody meets it
    Album = Float[Tensor, "batch picture channel height width"]
    HasAlbum = Bool[Tensor, "batch picture"]
    Codes = Float[Tensor, "batch code embedding"]
    HasCodes = Bool[Tensor, "batch code"]
else:
    Album = Float[Tensor, "batch picture channel height width"] | None
    HasAlbum = Bool[Tensor, "batch picture"] | None
    Codes = Float[Tensor, "batch code embedding"] | None
    HasCodes = Bool[Tensor, "batch code"] | None


def _none() -> Any:
    """An album that nobody gave; there is no attribute of the class, which would hide that one is to be made."""
    return None


def _no_pictures(query: Float[Tensor, "batch channel height width"]) -> Float[Tensor, "batch 0 channel height width"]:
    return query.new_zeros((len(query), 0, *query.shape[1:]))


def _nothing_known(query: Float[Tensor, "batch channel height width"]) -> Bool[Tensor, "batch 0"]:
    return query.new_zeros((len(query), 0), dtype=torch.bool)


def each_picture(
    album: Float[Tensor, "batch picture channel height width"], change: Callable[[Tensor], Tensor]
) -> Float[Tensor, "batch picture channel height width"]:
    """An album whose pictures are changed as those of its sample are."""
    pictures = [change(pictures) for pictures in album.unbind(1)]
    return torch.stack(pictures, dim=1) if pictures else album


@dataclass(frozen=True)
class Batch:
    """Faces with their labels and references. All images are in [0, 1].

    Args:
        query: the images whose expression is asked for.
        reference: the neutral face that the generator is to estimate; zeros where unknown.
        has_reference: where `reference` is known.
        true_reference: another picture of the subject's neutral face, never the query itself, as a user could
            give it at test time; zeros where unknown.
        has_true_reference: where `true_reference` is known.
        label: index of the expression among the recipe's classes; -1 where unlabelled.
        votes: share of the raters' votes for each class, one-hot where there was one label; zeros where unlabelled.
        neutral: whether the query itself is known to be a neutral face.
        sample: number of the sample in its data set, the key of all randomness that belongs to it; -1 at test time.
        album: other pictures of the subject, never the query and never with labels; zeros where there are fewer. No
            pictures where the recipe names no source of them.
        has_album: where `album` is known.
        codes: embeddings of more pictures of the subject, by this very model, as a user has them who keeps no pictures;
            zeros where there are fewer. None in training.
        has_codes: where `codes` is known.
    """

    query: Float[Tensor, "batch channel height width"]
    reference: Float[Tensor, "batch channel height width"]
    has_reference: Bool[Tensor, "batch"]
    true_reference: Float[Tensor, "batch channel height width"]
    has_true_reference: Bool[Tensor, "batch"]
    label: Int[Tensor, "batch"]
    votes: Float[Tensor, "batch class"]
    neutral: Bool[Tensor, "batch"]
    sample: Int[Tensor, "batch"]
    album: Album = field(default_factory=_none)
    has_album: HasAlbum = None  # type: ignore[assignment]
    codes: Codes = None  # type: ignore[assignment]
    has_codes: HasCodes = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.album is None:
            object.__setattr__(self, "album", _no_pictures(self.query))
            object.__setattr__(self, "has_album", _nothing_known(self.query))
        if self.codes is None:
            object.__setattr__(self, "codes", self.query.new_zeros((len(self.query), 0, 0)))
            object.__setattr__(self, "has_codes", _nothing_known(self.query))

    def __len__(self) -> int:
        return len(self.query)

    def with_images(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same batch with all kinds of pictures changed alike, a sample's album as its query; codes stay."""
        return dataclasses.replace(
            self,
            query=change(self.query),
            reference=change(self.reference),
            true_reference=change(self.true_reference),
            album=each_picture(self.album, change),
        )

    def rows(self, chosen: Int[Tensor, "row"]) -> "Batch":
        """Some samples of the batch."""
        return Batch(**{entry.name: getattr(self, entry.name)[chosen] for entry in dataclasses.fields(self)})

    def mirrored(self) -> "Batch":
        """The same batch with its pictures mirrored left to right."""
        return self.with_images(lambda images: images.flip(-1))

    def reference_pairs(self) -> ReferencePairs:
        """The part of the batch that generators are trained on."""
        return ReferencePairs(self.query, self.reference, self.has_reference)

    def unlabelled(self, *, true_reference: bool, album: bool = False) -> "Batch":
        """The same faces as a user gives them at test time: everything that would have to be known before is unknown.

        Args:
            true_reference: whether the user gives a true neutral picture of each person too.
            album: whether the user gives other pictures of each person too, or codes of them.
        """
        return Batch(
            query=self.query,
            reference=torch.zeros_like(self.query),
            has_reference=torch.zeros_like(self.has_reference),
            true_reference=self.true_reference if true_reference else torch.zeros_like(self.query),
            has_true_reference=self.has_true_reference & true_reference,
            label=torch.full_like(self.label, -1),
            votes=torch.zeros_like(self.votes),
            neutral=torch.zeros_like(self.neutral),
            sample=torch.full_like(self.sample, -1),
            album=self.album if album else _no_pictures(self.query),
            has_album=self.has_album if album else self.has_album[:, :0],
            codes=self.codes if album else self.codes[:, :0],
            has_codes=self.has_codes if album else self.has_codes[:, :0],
        )

    def to(self, device: torch.device, memory_format: torch.memory_format = torch.contiguous_format) -> "Batch":
        """The same batch on a device, its pictures in the given memory format."""
        entries = {entry.name: getattr(self, entry.name).to(device) for entry in dataclasses.fields(self)}
        return Batch(**entries).with_images(lambda images: images.contiguous(memory_format=memory_format))


@dataclass(frozen=True)
class Candidates:
    """The pictures with which each query of a batch is compared, at least one for each that has no codes.

    Args:
        pictures: in [0, 1]; zeros where a query has fewer.
        known: where there is a picture.
        distance: mean squared difference between each picture, as it was given, and the neutral face that the
            generator makes of it: how far from rest it is. None where nobody asked for it.
        codes: embeddings that stand beside those of the pictures, as `Batch.codes`; filled in by `chosen_candidates`.
        has_codes: where there is one.
    """

    pictures: Float[Tensor, "batch candidate channel height width"]
    known: Bool[Tensor, "batch candidate"]
    distance: Float[Tensor, "batch candidate"] | None = None
    codes: Float[Tensor, "batch code embedding"] | None = None
    has_codes: Bool[Tensor, "batch code"] | None = None


@dataclass
class Output:
    """What a model computed for a batch; a field is None where it was not asked for or does not exist.

    Args:
        reference: generated estimate of the reference, in [0, 1].
        query_code: embedding of the query.
        candidates: the pictures with which each query was compared, before they were joined.
        candidate_codes: embeddings of these pictures; zeros where there is none. A model that computes them accepts
            `Batch.codes` too, and gives `candidates` with them.
        reference_code: embedding of the reference that was used.
        target_code: embedding of the true reference, as a constant.
        features: the representation that the classifier sees.
        difference: that part of the features which is the difference of the two codes.
        logits: one score per class.
        query_reconstruction: the query decoded from its code.
        reference_reconstruction: the reference decoded from its code.
        extra_losses: the generator's own loss terms, already weighted.
    """

    reference: Float[Tensor, "batch channel height width"] | None = None
    candidates: Candidates | None = None
    candidate_codes: Float[Tensor, "batch candidate embedding"] | None = None
    query_code: Float[Tensor, "batch embedding"] | None = None
    reference_code: Float[Tensor, "batch embedding"] | None = None
    target_code: Float[Tensor, "batch embedding"] | None = None
    features: Float[Tensor, "batch feature"] | None = None
    difference: Float[Tensor, "batch difference"] | None = None
    logits: Float[Tensor, "batch class"] | None = None
    query_reconstruction: Float[Tensor, "batch channel height width"] | None = None
    reference_reconstruction: Float[Tensor, "batch channel height width"] | None = None
    extra_losses: Terms = field(default_factory=dict)
