"""A model that does not fit into memory is told before its weights are made; the system would end the process."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gcnet_core.machine import available_memory
from gcnet_core.plugin_api import UserError

SMALL = 64 * 2**20
"""Bytes up to which nobody asks how much there is."""


class WithinMemory(TorchDispatchMode):
    """Inside, no tensor is made that is larger than the memory that is left.

    Raises:
        UserError: with both figures.
    """

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        options = dict(kwargs or {})
        if func is torch.ops.aten.empty.memory_format and str(options.get("device") or "cpu") == "cpu":
            dtype = options.get("dtype") or torch.get_default_dtype()
            needed = math.prod(args[0]) * dtype.itemsize
            free = available_memory() if needed > SMALL else None
            if free is not None and needed > free:
                shape = " x ".join(map(str, args[0]))
                raise UserError(
                    f"model: weights of {shape} numbers need {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory "
                    "are free; make the widths of its parts smaller"
                )
        return func(*args, **options)
