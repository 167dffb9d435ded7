"""Clock: how long named sections of a step take; on a GPU each is waited for."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
        """Count the time of every forward pass of some modules, each under its name.

        A generator in training is not called as a whole, but the modules that it consists of are.
        """
        with ExitStack() as hooks:
            for name, module in modules.items():
                entered: list[float] = []
                for called in (module, *_inner(module)):
                    before = called.register_forward_pre_hook(lambda *_, entered=entered: self._enter(entered))
                    after = called.register_forward_hook(lambda *_, n=name, entered=entered: self._leave(n, entered))
                    hooks.callback(before.remove)
                    hooks.callback(after.remove)
            yield

    def _enter(self, entered: list[float]) -> None:
        entered.append(0.0 if entered else self.now())

    def _leave(self, name: str, entered: list[float]) -> None:
        began = entered.pop()
        if not entered:  # the outermost
            self.seconds[name] += self.now() - began


def _inner(module: nn.Module) -> Iterable[nn.Module]:
    """The modules that a module consists of; a compiled one is left whole."""
    return () if module._compiled_call_impl is not None else module.children()


def wait_for(device: torch.device) -> None:
    """Wait until a GPU has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
