"""Reference and Join: which pictures of a person a query is compared with, and how several of them become one."""

import dataclasses
from abc import abstractmethod
from collections.abc import Callable

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from gcnet_core.interfaces.batch import Batch, Candidates
from gcnet_core.interfaces.component import Component

Generate = Callable[[Float[Tensor, "picture channel height width"]], Float[Tensor, "picture channel height width"]]
"""Makes of each picture the neutral face of the person in it."""


class Reference(Component):
    """Says with which pictures a query is compared: the one idea behind every source of references."""

    @abstractmethod
    def forward(
        self,
        batch: Batch,
        estimate: Float[Tensor, "batch channel height width"],
        generate: Generate | None,
        *,
        draw: bool = False,
        true_reference: bool = False,
        distance: bool = False,
    ) -> Candidates:
        """Choose the pictures.

        In training the batch holds all that is known, and a part that is to answer with whatever a user has draws for
        each sample what it shows. At test the batch holds what the user gives, and all of it may be used.

        Args:
            batch: queries, with albums and true references where they are known.
            estimate: the neutral face that the generator makes of each query; the query itself where there is none.
            generate: makes neutral faces of other pictures; None if the model has no generator.
            draw: whether this is a step of training, in which samples may be shown less than there is.
            true_reference: compare with `batch.true_reference` in place of what was made of the query.
            distance: whether the join wants to know how far each picture is from rest.

        Returns:
            At least one picture for each query; none where it has `batch.codes` and nothing else is given. What is made
            of the query stands before what is given.
        """


class Join(Component):
    """Makes one reference of several: of the pictures themselves, or of their embeddings."""

    @abstractmethod
    def forward(
        self,
        values: Float[Tensor, "batch candidate *value"],
        known: Bool[Tensor, "batch candidate"],
        query: Float[Tensor, "batch *value"],
        distance: Float[Tensor, "batch candidate"] | None = None,
    ) -> Float[Tensor, "batch *value"]:
        """Join what stands for each candidate.

        Args:
            values: pictures in [0, 1], or embeddings.
            known: where there is one, at least one for each query; the others must have no influence.
            query: the same of the query.
            distance: how far each candidate is from rest, see `Candidates`.

        Returns:
            One reference for each query, whatever the order of the candidates; of one alone that one.
        """


def chosen_candidates(
    batch: Batch,
    estimate: Float[Tensor, "batch channel height width"] | None,
    reference: Reference,
    join: Join,
    generate: Generate | None,
    *,
    draw: bool,
    true_reference: bool,
) -> Candidates:
    """The pictures with which each query of a batch is compared, as a model's reference chooses them for its join.

    Args:
        batch: see `Reference.forward`, as the others.
        estimate: the neutral face made of each query; None where there is none, and the query itself stands for it.
        reference: of the model.
        join: of the model.
        generate: makes neutral faces of other pictures.
        draw: whether this is a step of training.
        true_reference: whether the true reference is to be compared with.
    """
    chosen: Candidates = reference(
        batch,
        batch.query if estimate is None else estimate,
        generate,
        draw=draw,
        true_reference=true_reference,
        distance=join.config.needs_generator(),
    )
    return dataclasses.replace(chosen, codes=batch.codes, has_codes=batch.has_codes)


def compared_codes(
    query: Float[Tensor, "batch channel height width"],
    candidates: Candidates,
    encode: Callable[[Tensor], Float[Tensor, "picture embedding"]],
    join: Join,
    *,
    in_pixels: bool = False,
    others: tuple[Float[Tensor, "batch channel height width"], ...] = (),
) -> tuple[Float[Tensor, "batch embedding"], ...]:
    """Embeddings of the queries, of their joined references, and of what else is to be compared with them.

    All pictures pass through the encoder as one batch: batch norm would otherwise centre each set on its own and so
    remove a part of the very difference that is looked for. Places without a picture do not pass through it. Codes that
    were given are joined with those of the pictures.

    Args:
        query: faces in [0, 1].
        candidates: of each query.
        encode: embeds pictures.
        join: makes one of several.
        in_pixels: join the pictures and embed the result, in place of joining the embeddings; given codes are passed
            over.
        others: more pictures, one for each query.
    """
    if in_pixels:
        joined = join(candidates.pictures, candidates.known, query, candidates.distance)
        candidates = Candidates(joined[:, None], torch.ones_like(candidates.known[:, :1]))
    packed = _packed(candidates)
    codes = encode(torch.cat([query, packed, *others]))
    query_code, packed_codes, *other_codes = codes.split([len(query), len(packed), *map(len, others)])
    if in_pixels:
        return (query_code, packed_codes, *other_codes)
    values, known = _scattered(packed_codes, candidates.known), candidates.known
    if _has_codes(candidates) and candidates.codes is not None and candidates.has_codes is not None:
        values = torch.cat([candidates.codes.to(values.dtype), values], dim=1)
        known = torch.cat([candidates.has_codes, known], dim=1)
    return (query_code, join(values, known, query_code, candidates.distance), *other_codes)


def candidate_codes(
    candidates: Candidates, encode: Callable[[Tensor], Float[Tensor, "picture embedding"]]
) -> Float[Tensor, "batch candidate embedding"]:
    """Embeddings of the candidates of each query, in evaluation; zeros where there is none.

    Args:
        candidates: at least one.
        encode: embeds pictures.
    """
    return _scattered(encode(_packed(candidates)), candidates.known)


def _packed(candidates: Candidates) -> Float[Tensor, "picture channel height width"]:
    """The known pictures. Of one for each query all are known, so that no device has to be asked how many there are."""
    if candidates.pictures.shape[1] == 1 and not _has_codes(candidates):
        return candidates.pictures[:, 0]
    return candidates.pictures[candidates.known]


def _has_codes(candidates: Candidates) -> bool:
    return candidates.codes is not None and bool(candidates.codes.shape[1])


def _scattered(
    packed: Float[Tensor, "picture embedding"], known: Bool[Tensor, "batch candidate"]
) -> Float[Tensor, "batch candidate embedding"]:
    """Embeddings of known pictures, each in its place."""
    if known.shape[1] == 1 and len(packed) == len(known):
        return packed[:, None]
    values = packed.new_zeros((*known.shape, packed.shape[1]))
    return values.masked_scatter(known[..., None], packed)
