"""What a loss needs of the other processes that train the same model: the rest of the batch. Alone, nothing changes."""

from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor, distributed
from torch.nn import functional

from gcnet_core.plugin_api import RunFailed


class PeerLost(RunFailed):
    """Another of the processes that train together ended, or cannot be reached; it says why itself, if it can."""


def gather_batch(rows: Shaped[Tensor, "row *value"]) -> Shaped[Tensor, "row_of_all *value"]:
    """The rows of the global batch, where several processes train together and each computes its part of it.

    A loss that compares samples with each other calls it on what it compares, in `forward` and in `sample_count`, and
    goes on as if this were its batch: the gradient finds its way back to the process of each row. All processes must
    come here equally often, whatever is in their part, so no branch may depend on that.

    Args:
        rows: of this process, any number of them.

    Returns:
        Those of all processes, in the order of the global batch; `rows` themselves in a single process.
    """
    if process_count() == 1:
        return rows
    before, everybody = place_in_batch(len(rows))
    return placed(rows, before, everybody - before - len(rows))


def place_in_batch(rows: int) -> tuple[int, int]:
    """Where the rows of this process stand in the global batch; all processes must come here equally often.

    Args:
        rows: how many this process has.

    Returns:
        How many the processes before this one have, and how many all have: 0 and `rows` in a single process.
    """
    if process_count() == 1:
        return 0, rows
    sizes = torch.zeros(process_count(), dtype=torch.long)
    sizes[distributed.get_rank()] = rows
    ends = sum_up(sizes).cumsum(0).tolist()
    return ends[distributed.get_rank()] - rows, ends[-1]


def placed(rows: Shaped[Tensor, "row *value"], before: int, after: int) -> Shaped[Tensor, "row_of_all *value"]:
    """The rows of all processes, if each knows the place of its own.

    Args:
        rows: of this process.
        before: how many those before it have.
        after: how many those behind it have.
    """
    numbers = rows if rows.dtype.is_floating_point else rows.long()
    everywhere: Tensor = _Sum.apply(functional.pad(numbers, [0, 0] * (rows.dim() - 1) + [before, after]))
    return everywhere.to(rows.dtype)


def anywhere(here: bool) -> bool:
    """Whether something is so in some process; all must ask, as in `gather_batch`.

    Args:
        here: whether it is so in this one.
    """
    return here if process_count() == 1 else bool(sum_up(torch.tensor(int(here)), largest=True))


def process_count() -> int:
    """How many processes train together."""
    several = distributed.is_available() and distributed.is_initialized()
    return distributed.get_world_size() if several else 1


def sum_up(values: Tensor, *, largest: bool = False) -> Tensor:
    """Add up a tensor over all processes, in place.

    Args:
        values: of the same shape everywhere.
        largest: take the largest of each number in place of the sum.

    Returns:
        The same tensor.

    Raises:
        PeerLost: if another process ended.
    """
    try:
        distributed.all_reduce(values, distributed.ReduceOp.MAX if largest else distributed.ReduceOp.SUM)
    except RuntimeError as error:
        raise PeerLost("another of the processes that train together ended; this one cannot go on alone") from error
    return values


class _Sum(torch.autograd.Function):
    """The sum over all processes, whose gradient is the sum of what all processes send back."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        return sum_up(values.clone(memory_format=torch.contiguous_format))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        summed: Tensor = _Sum.apply(gradients[0])
        return summed
