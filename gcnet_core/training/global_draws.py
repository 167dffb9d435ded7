"""What a network draws at random for the rows of a batch (dropout, noise, times) is what one process would draw."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
LIKE = {aten.rand_like.default, aten.randn_like.default, aten.bernoulli.p}
IN_PLACE = {aten.bernoulli_.float, aten.normal_.default, aten.uniform_.default, aten.exponential_.default}
SIZED = {aten.rand.default: 0, aten.randn.default: 0, aten.randint.default: 1, aten.randint.low: 2}
"""Where the size is among what they are called with."""
DROPOUT = aten.native_dropout.default


class GlobalDraws(TorchDispatchMode):
    """Inside, every process draws for all rows of a batch, from generators that were seeded alike, and takes its own.

    A tensor counts as one of rows if it has a multiple of the process's rows, such as queries and references together;
    each multiple is a part of its own. Whatever has another length is drawn as it is.

    Args:
        before: rows of the batch in the processes before this one.
        own: rows in this one.
        everybody: rows of the batch.
    """

    def __init__(self, before: int, own: int, everybody: int) -> None:
        super().__init__()
        self.before, self.own, self.everybody = before, own, everybody

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        options = dict(kwargs or {})
        if options.get("generator") is not None:
            return func(*args, **options)
        if func in SIZED and self._is_of_rows(args[SIZED[func]]):
            place = SIZED[func]
            return self._own(func(*args[:place], self._whole(args[place]), *args[place + 1 :], **options))
        if func in LIKE and self._is_of_rows(args[0].shape):
            return self._own(func(self._room(args[0]), *args[1:], **options))
        if func in IN_PLACE and self._is_of_rows(args[0].shape):
            return args[0].copy_(self._own(func(self._room(args[0]), *args[1:], **options)))
        if func is DROPOUT and args[2] and self._is_of_rows(args[0].shape):  # the kernel of GPUs
            kept = self._own(torch.empty_like(self._room(args[0])).bernoulli_(1 - args[1]))
            return args[0] * kept / (1 - args[1]), kept.bool()
        return func(*args, **options)

    def _is_of_rows(self, shape: Sequence[int]) -> bool:
        return len(shape) > 0 and shape[0] > 0 and shape[0] % self.own == 0

    def _whole(self, shape: Sequence[int]) -> list[int]:
        """The shape with the rows of all processes."""
        return [shape[0] // self.own * self.everybody, *shape[1:]]

    def _room(self, tensor: Tensor) -> Tensor:
        """An empty tensor for all rows; numbers are drawn in the order of memory, so that must be the same."""
        room = tensor.new_empty(self._whole(tensor.shape))
        if tensor.dim() == 4 and not tensor.is_contiguous():
            return room.contiguous(memory_format=torch.channels_last)
        return room

    def _own(self, whole: Tensor) -> Tensor:
        """The rows of this process, of each part."""
        parts = whole.unflatten(0, (-1, self.everybody))
        return parts[:, self.before : self.before + self.own].flatten(0, 1)
