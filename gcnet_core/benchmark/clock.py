"""Clock: how long named sections of a step take; on a GPU each is waited for."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import torch
from torch import nn


class Clock:
    """Adds up the seconds of sections.

    Args:
        device: that does the work; it is waited for at the ends of a section, so a step takes longer than it does
            without a clock.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds: dict[str, float] = defaultdict(float)

    def now(self) -> float:
        """Seconds, when all work that was asked for is done."""
        wait_for(self.device)
        return time.perf_counter()

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Count the time of a block."""
        started = self.now()
        yield
        self.seconds[name] += self.now() - started

    @contextmanager
    def forward_of(self, modules: Mapping[str, nn.Module]) -> Iterator[None]:
        """Count the time of every forward pass of some modules, each under its name."""
        with ExitStack() as hooks:
            for name, module in modules.items():
                began: list[float] = []
                before = module.register_forward_pre_hook(lambda *_, began=began: began.append(self.now()))
                hooks.callback(before.remove)
                after = module.register_forward_hook(lambda *_, name=name, began=began: self._add(name, began.pop()))
                hooks.callback(after.remove)
            yield

    def _add(self, name: str, began: float) -> None:
        self.seconds[name] += self.now() - began


def wait_for(device: torch.device) -> None:
    """Wait until a GPU has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
