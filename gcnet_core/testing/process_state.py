"""What a part must leave as it finds it, because all others rest on it: seeds, switches, folder, standard output."""

import io
import os
import pickle
import random
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import cv2
import numpy as np
import torch

from gcnet_core.testing.case import ContractError


@contextmanager
def left_as_they_are(what: str, *, torch_seed: bool = True) -> Iterator[None]:
    """Raise if what happens inside changes anything that other parts rest on, or prints.

    Args:
        what: happens inside, for the message.
        torch_seed: whether torch's default generator counts, from which layers draw their first weights.
    """
    before, printed = _surroundings(), io.StringIO()
    with redirect_stdout(printed):
        yield
    if printed.getvalue():
        raise ContractError(f"{what} prints {printed.getvalue()[:60]!r}; the output belongs to the command")
    for name, value in _surroundings().items():
        if value != before[name] and (torch_seed or name != "torch's random state"):
            raise ContractError(f"{what} changes {name}, on which other parts rest; leave it as it was")


def _surroundings() -> dict[str, object]:
    return {
        "numpy's random state": pickle.dumps(np.random.get_state()),
        "Python's random state": random.getstate(),
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
