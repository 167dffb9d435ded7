"""Device and CPU threads, resolved once and saved with the run."""

import math
from itertools import chain
from textwrap import shorten

import torch
from torch import nn

from gcnet_core.machine import MOST_PER_CORE, available_cores
from gcnet_core.plugin_api import UserError

PIXELS_PER_THREAD = 32 * 1024
"""Pixels of a batch that keep one more thread busy: below, threads wait for each other longer than they compute.
`tests/benchmarks/threads.py` measures it."""


def choose_device(name: str | None) -> torch.device:
    """The named device, or the best one that is there.

    Raises:
        UserError: if the device does not exist, or cannot be used; it names those that are there.
    """
    chosen = name or ("cuda" if torch.cuda.is_available() else "cpu")
    if chosen == "cpu":
        return torch.device("cpu")
    there = usable_devices()
    try:
        if torch.device(chosen).type not in {device.split(":")[0] for device in there[1:]}:
            raise UserError(f"--device {chosen}: not on this machine; there {_are(there)}")
        float(torch.ones(1, device=chosen))  # the machine may list a device and refuse to compute on it
    except Exception as error:  # of many kinds: no such word, no such number, no driver, in use by somebody else
        if isinstance(error, UserError):
            raise
        reason = shorten((str(error).splitlines() or [type(error).__name__])[0], 120, placeholder=" ...")
        raise UserError(f"--device {chosen}: cannot be used ({reason}); there {_are(there)}") from error
    return torch.device(chosen)


def usable_devices() -> list[str]:
    """Names of the devices of this machine, the CPU first."""
    gpus = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    others = [name for name in ("mps", "xpu") if getattr(torch, name).is_available()]
    return ["cpu", *gpus, *others]


def _are(devices: list[str]) -> str:
    return f"are {', '.join(devices)}" if len(devices) > 1 else f"is {devices[0]} alone"


def choose_threads(setting: int | str, batch_size: int, image_size: int) -> int:
    """Number of CPU threads for a network on small images.

    The rule depends on the recipe and the number of cores alone, never on a timing, so that a run can be repeated.

    Args:
        setting: a number, of which 16 for each core are taken at most, or `auto`.
        batch_size: images per step.
        image_size: height and width in pixels.

    Raises:
        UserError: if it is no number of threads.
    """
    if setting != "auto":
        if int(setting) < 1:
            raise UserError(f"threads: {setting} are too few to compute anything; give 1 or more, or `auto`")
        return min(int(setting), MOST_PER_CORE * available_cores())
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
