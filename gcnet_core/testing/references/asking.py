"""How references and joins are asked by a check, and what stands for the generator and the candidates."""

from typing import Any

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Candidates, Reference
from gcnet_core.testing.case import ContractError

SHOWN = ((0, False), (0, True), (3, False), (3, True))
"""What a user may give: how many album pictures, and whether a true neutral picture."""


def stand_in(pictures: Tensor) -> Tensor:
    """Stands for a generator: the picture in a mirror, paler.

    Raises:
        ContractError: if it is shown no pictures, or such as are none.
    """
    if pictures.dim() != 4 or not len(pictures):
        raise ContractError(f"`generate` was shown {list(pictures.shape)}; show it some pictures, or do not ask it")
    if not pictures.detach().isfinite().all():
        raise ContractError("`generate` was shown places without a picture; show it those that are known")
    return 0.8 * pictures.flip(-1) + 0.1


def ask(
    part: Reference,
    batch: Batch,
    estimate: Tensor | None = None,
    *,
    generator: bool = True,
    draw: bool = False,
    true_reference: bool = False,
    distance: bool = False,
    seed: int = 0,
) -> Candidates:
    """What a reference chooses.

    Args:
        part: which is asked, in training mode if it draws.
        batch: shown to it.
        estimate: default: what the stand-in makes of the queries, or the queries where there is no generator.
        generator: whether there is one.
        draw: whether it is asked as in training.
        true_reference: whether it is told to use the true one.
        distance: whether distances are asked for.
        seed: of torch.
    """
    if estimate is None:
        estimate = stand_in(batch.query) if generator else batch.query
    torch.manual_seed(seed)
    chosen: Candidates = part.train(draw)(
        batch, estimate, stand_in if generator else None, draw=draw, true_reference=true_reference, distance=distance
    )
    return chosen


class AsTensor(nn.Module):
    """A reference whose answer is one tensor, as that of other parts: the known candidates, zeros elsewhere.

    Args:
        part: the reference.
    """

    def __init__(self, part: Reference) -> None:
        super().__init__()
        self.part, self.config = part, part.config

    def forward(self, batch: Batch, estimate: Tensor) -> Tensor:
        """What is chosen with album and true reference."""
        chosen = self.part(batch, estimate, stand_in, draw=self.training, true_reference=True, distance=False)
        return torch.where(chosen.known[:, :, None, None, None], chosen.pictures, 0)


def some_candidates(value: tuple[int, ...], count: int = 6, pictures: int = 4, seed: int = 0) -> tuple[Any, ...]:
    """What a join receives: values, where they are known, the query's own, and distances from rest.

    Args:
        value: shape of one value; numbers about 0 for a code, in [0, 1] for a picture.
        count: queries; they know all, all but one, ..., one of their candidates.
        pictures: candidates of each.
        seed: of the numbers.
    """
    draws = torch.Generator().manual_seed(seed)
    make = torch.rand if len(value) > 1 else torch.randn
    values, query = make((count, pictures, *value), generator=draws), make((count, *value), generator=draws)
    places = torch.rand((count, pictures), generator=draws).argsort(dim=1)
    known = places < pictures - torch.arange(count)[:, None] % pictures
    distance = 0.02 * torch.rand((count, pictures), generator=draws)
    beside = known.reshape(count, pictures, *([1] * len(value)))
    return values * beside, known, query, distance * known
