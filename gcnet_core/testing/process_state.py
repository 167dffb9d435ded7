"""What a part must leave as it finds it, because all others rest on it: seeds, switches, folder, standard output."""

import io
import os
import pickle
import random
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import cv2
import numpy as np
import torch

from gcnet_core.testing.case import ContractError

UNUSUAL = 271828
"""A seed that nobody else sets."""
STATE_WORDS, TWISTS = 624, 50
"""Numbers that Python's generator draws until its state is made anew, and how often that is looked at."""


@contextmanager
def left_as_they_are(what: str, *, torch_seed: bool = True) -> Iterator[None]:
    """Raise if what happens inside changes anything that other parts rest on, or prints.

    Args:
        what: happens inside, for the message.
        torch_seed: whether torch's default generator counts, from which layers draw their first weights.
    """
    found = random.getstate(), np.random.get_state()
    random.seed(UNUSUAL)
    np.random.seed(UNUSUAL)
    before, printed, python = _surroundings(), io.StringIO(), random.getstate()
    try:
        with redirect_stdout(printed):
            yield
        _compare(before, python, printed.getvalue(), what, torch_seed)
    finally:
        random.setstate(found[0])
        np.random.set_state(found[1])


def _compare(before: dict[str, object], python: tuple[Any, ...], printed: str, what: str, torch_seed: bool) -> None:
    if printed:
        raise ContractError(f"{what} prints {printed[:60]!r}; the output belongs to the command")
    for name, value in _surroundings().items():
        if value != before[name] and (torch_seed or name != "torch's random state"):
            raise ContractError(f"{what} changes {name}, on which other parts rest; leave it as it was")
    if not _drawn_from(python, random.getstate()):
        raise ContractError(f"{what} seeds Python's random numbers; make a generator of your own, random.Random(seed)")


def _drawn_from(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Whether a state of Python's generator follows from another by drawing numbers, which shape checks do as well."""
    copy = random.Random()
    copy.setstate(before)
    for _ in range(TWISTS):
        if copy.getstate()[1][:-1] == after[1][:-1]:
            return True
        for _ in range(STATE_WORDS):
            copy.getrandbits(32)
    return False


def _surroundings() -> dict[str, object]:
    return {
        "numpy's random state": pickle.dumps(np.random.get_state()),
        "torch's random state": torch.get_rng_state().numpy().tobytes(),
        "torch's default dtype": torch.get_default_dtype(),
        "the number of torch's threads": torch.get_num_threads(),
        "whether gradients are computed": torch.is_grad_enabled(),
        "whether torch is deterministic": torch.are_deterministic_algorithms_enabled(),
        "torch's precision of products": torch.get_float32_matmul_precision(),
        "the number of OpenCV's threads": cv2.getNumThreads(),
        "how numpy treats errors": str(np.geterr()),
        "the working folder": os.getcwd(),
    }
