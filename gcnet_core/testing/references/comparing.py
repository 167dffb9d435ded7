"""Situations in which a reference is asked, and whether it chose the same pictures in two of them."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import torch
from torch import Tensor

from gcnet_core.interfaces import Batch, Candidates, Reference
from gcnet_core.testing.case import Case
from gcnet_core.testing.networks.modules import build, warm
from gcnet_core.testing.references.asking import SHOWN

ROUNDING = 1e-5


def built_reference(case: Case) -> Reference:
    """The part with its first weights."""
    return build(case).part  # type: ignore[return-value]


def warm_reference(case: Case) -> Reference:
    """The part after a few steps, if it has weights."""
    return warm(case).part  # type: ignore[return-value]


def pictures_of(chosen: Candidates) -> list[Tensor]:
    """For each query the known candidates, with their distances behind the pixels, in an order of their own."""
    parts = [chosen.pictures.detach().flatten(2)]
    if chosen.distance is not None:
        parts.append(chosen.distance.detach()[:, :, None])
    numbers = torch.cat(parts, dim=2)
    rows = [row[known] for row, known in zip(numbers, chosen.known, strict=True)]
    along = torch.randn(numbers.shape[2], generator=torch.Generator().manual_seed(0))
    return [row[(row @ along).argsort()] for row in rows]


def alike(first: Candidates, second: Candidates) -> list[bool]:
    """For each query, whether the same pictures were chosen."""
    return [
        one.shape == other.shape and torch.allclose(one, other, atol=ROUNDING, rtol=0, equal_nan=True)
        for one, other in zip(pictures_of(first), pictures_of(second), strict=True)
    ]


def situations(case: Case, count: int = 6) -> Iterator[tuple[Batch, Mapping[str, Any]]]:
    """Everything that may be given and asked."""
    generators = (True,) if case.part.config.needs_generator() else (True, False)
    for (album, given), draw, generator, distance in product(SHOWN, (False, True), generators, (False, True)):
        batch = case.batch(count, album=album)
        shown = batch if draw else batch.unlabelled(true_reference=given, album=True)
        yield shown, {"true_reference": given, "draw": draw, "generator": generator, "distance": distance}
