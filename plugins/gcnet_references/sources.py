"""References made of what there is: the query's own neutral face, an album, a true neutral."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from gcnet_core.interfaces import Batch, Candidates, Reference
from gcnet_core.interfaces.processes import anywhere
from gcnet_core.interfaces.reference import Generate
from gcnet_references.config import AvailableConfig, TrueNeutralConfig


class Available(Reference):
    """The album and the true neutral picture where they are shown, and what was made of the query where nothing is.

    Args:
        config: what a training sample is shown; at test all that is given is used.
        context: not used.
    """

    config: AvailableConfig | TrueNeutralConfig

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
        """See `Reference.forward`; the first candidate is the estimate, the last the true neutral picture."""
        album, true_neutral = batch.has_album, batch.has_true_reference
        if draw:
            album = _drawn(album, self.config.album_prob)
        coded = _any(batch.has_codes)
        if self.config.needs_true_reference():
            true_neutral = ~coded  # nobody else lacks one, see `ModelConfig.needs_true_reference`
        elif draw:
            true_neutral = true_neutral if true_reference else _drawn(true_neutral, self.config.true_neutral_prob)
        else:
            true_neutral = true_neutral & true_reference
        if not batch.album.shape[1] and not batch.has_codes.shape[1]:
            always = true_reference or self.config.needs_true_reference()
            maybe = always or (draw and self.config.true_neutral_prob > 0)
            one = self._one_of_two(batch, estimate, true_neutral, maybe=maybe)
            return Candidates(one[:, None], torch.ones_like(true_neutral)[:, None], _no_distance(one, distance))
        own = ~true_neutral if self.config.with_estimate else ~(_any(album) | true_neutral | coded)
        known = torch.cat([own[:, None], album, true_neutral[:, None]], dim=1)
        pictures = torch.cat([estimate[:, None], batch.album, batch.true_reference[:, None]], dim=1)
        rest, from_rest = self._at_rest(pictures, known, generate, distance, draw=draw)
        return Candidates(rest, known, from_rest)

    @staticmethod
    def _one_of_two(
        batch: Batch,
        estimate: Float[Tensor, "batch channel height width"],
        true_neutral: Bool[Tensor, "batch"],
        *,
        maybe: bool,
    ) -> Float[Tensor, "batch channel height width"]:
        """The true neutral picture of those who are shown it, of the others what was made of the query.

        Args:
            batch: without albums.
            estimate: of the query.
            true_neutral: who is shown the true picture.
            maybe: whether anybody could be, so that true pictures are asked for.
        """
        if not maybe:
            return estimate
        return torch.where(true_neutral[:, None, None, None], batch.true_reference, estimate)

    def _at_rest(
        self,
        pictures: Tensor,
        known: Bool[Tensor, "batch candidate"],
        generate: Generate | None,
        distance: bool,
        *,
        draw: bool,
    ) -> tuple[Tensor, Float[Tensor, "batch candidate"] | None]:
        """The pictures, those of the album brought to rest if the options say so, and how far from rest they were."""
        at_rest = self.config.at_rest
        if generate is None or not (at_rest or distance):
            return pictures, None
        if known.shape[1] == 2:  # codes and no album; an exported graph cannot ask how many pictures it found in one
            return pictures, pictures.new_zeros(known.shape) if distance else None
        of_album = functional.pad(known[:, 1:-1], (1, 1))
        given = pictures[of_album]
        some = anywhere(len(given) > 0) if draw else len(given) > 0  # a batch norm in the generator meets all processes
        neutral = generate(given) if some else given
        far = pictures.new_zeros(known.shape)
        far[of_album] = (neutral - given).square().mean(dim=(1, 2, 3)).detach().to(far.dtype)
        if at_rest:
            pictures = pictures.clone()
            pictures[of_album] = neutral.to(pictures.dtype)
        return pictures, far if distance else None


def _no_distance(pictures: Tensor, wanted: bool) -> Float[Tensor, "batch candidate"] | None:
    return pictures.new_zeros((len(pictures), 1)) if wanted else None


def _any(known: Bool[Tensor, "batch picture"]) -> Bool[Tensor, "batch"]:
    """Whether there is a picture for each sample; a column without any, because in ONNX any of nothing is true."""
    return functional.pad(known, (0, 1)).any(dim=1)


def _drawn(known: Bool[Tensor, "batch *picture"], share: float) -> Bool[Tensor, "batch *picture"]:
    """What is known, for a share of the samples that is drawn anew each time."""
    if share == 1:
        return known
    if not share:
        return torch.zeros_like(known)
    shown = torch.rand(len(known), device=known.device) < share
    return known & shown.reshape(-1, *([1] * (known.dim() - 1)))
