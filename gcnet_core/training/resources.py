"""Device and CPU threads, resolved once and saved with the run."""

import math
from itertools import chain

import torch
from torch import nn

from gcnet_core.machine import available_cores
from gcnet_core.plugin_api import UserError

PIXELS_PER_THREAD = 32 * 1024
"""Pixels of a batch that keep one more thread busy: below, threads wait for each other longer than they compute.
`tests/benchmarks/threads.py` measures it."""


def choose_device(name: str | None) -> torch.device:
    """The named device, or the best one that is there.

    Raises:
        UserError: if the named device does not exist, or cannot be used.
    """
    if name:
        try:
            device = torch.device(name)
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError) as error:  # the latter from a torch that was built without CUDA
            raise UserError(f"--device {name}: {str(error).splitlines()[0]}") from error
        return device
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def choose_threads(setting: int | str, batch_size: int, image_size: int) -> int:
    """Number of CPU threads for a network on small images.

    The rule depends on the recipe and the number of cores alone, never on a timing, so that a run can be repeated.

    Args:
        setting: a number, which is taken, or `auto`.
        batch_size: images per step.
        image_size: height and width in pixels.
    """
    if setting != "auto":
        return int(setting)
    wanted = math.ceil(batch_size * image_size**2 / PIXELS_PER_THREAD)
    return max(1, min(available_cores(), wanted))


def lay_out(module: nn.Module, memory_format: torch.memory_format) -> None:
    """Put the weights of convolutions into a memory format; `Module.to` refuses modules with tensors of five axes.

    Args:
        module: changed in place.
        memory_format: contiguous or channels-last.
    """
    with torch.no_grad():
        for tensor in chain(module.parameters(), module.buffers()):
            if tensor.dim() == 4:
                tensor.data = tensor.data.contiguous(memory_format=memory_format)
