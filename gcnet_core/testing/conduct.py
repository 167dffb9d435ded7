"""Promises of any part of a network: what else may change when it is called. Nothing but what training is for."""

import contextlib
import gc
import io
import os
import random
import warnings
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.common import is_of_its_kind
from gcnet_core.testing.modules import build, given, step, tensors, warm

SETTINGS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any] | None]] = {
    "the default dtype of torch": (torch.get_default_dtype, torch.set_default_dtype),
    "the default device of torch": (torch.get_default_device, torch.set_default_device),
    "whether torch computes gradients": (torch.is_grad_enabled, torch.set_grad_enabled),
    "the number of threads": (torch.get_num_threads, torch.set_num_threads),
    "torch.use_deterministic_algorithms": (
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
    ),
    "the precision of matrix products": (torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
    "torch's detection of anomalies": (torch.is_anomaly_enabled, torch.autograd.set_detect_anomaly),
    "torch.backends.cudnn": (lambda: (torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark), None),
    "torch's autocast": (lambda: torch.is_autocast_enabled("cpu"), None),
    "the random numbers of Python": (random.getstate, random.setstate),
    "the random numbers of numpy": (lambda: str(np.random.get_state()), None),
    "the current folder": (os.getcwd, os.chdir),
    "the environment": (lambda: dict(os.environ), None),
}
"""What any code can change for all other code in this process: how it is read and put back."""


@check(is_of_its_kind)
def leaves_everything_else_alone(case: Case) -> None:
    """Building and answering change no global setting, mode, frozen weight or option, and print nothing."""
    before, shown = {name: read() for name, (read, _) in SETTINGS.items()}, io.StringIO()
    changed = []
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            changed += list(_changed_in_itself(case))
        finally:
            for name, (read, put_back) in SETTINGS.items():
                if read() != before[name]:
                    changed.append(name)
                    if put_back is not None:
                        put_back(before[name])
    if changed:
        raise ContractError(f"it changed {changed[0]}; leave that to the recipe")
    if shown.getvalue().strip():
        raise ContractError(f"it printed {shown.getvalue().strip()[:60]!r}; use the module logging")


def _changed_in_itself(case: Case) -> Iterator[str]:
    part = build(case)
    config = deepcopy(part.config)
    for training in (False, True):
        part.train(training)
        modes = [(name, module.training) for name, module in part.named_modules()]
        frozen = [(name, weight.requires_grad) for name, weight in part.named_parameters()]
        with contextlib.suppress(Exception):  # what it answers is for other checks
            part(*given(case))
        if modes != [(name, module.training) for name, module in part.named_modules()]:
            yield "its mode, train or eval, or its modules"
        if frozen != [(name, weight.requires_grad) for name, weight in part.named_parameters()]:
            yield "which weights are frozen, or its weights"
    if part.config != config:
        yield "its options"


@check(leaves_everything_else_alone)
def leaves_its_input_alone(case: Case) -> None:
    """What it is given is the same after the answer as before, in both modes."""
    part = warm(case)
    for training in (False, True):
        values = given(case)
        before = deepcopy(values)
        part.train(training)(*values)
        for (name, tensor), (_, copy) in zip(tensors(values), tensors(before), strict=True):
            if not torch.equal(tensor.detach(), copy.detach()) or tensor.requires_grad != copy.requires_grad:
                raise ContractError(f"{name} was changed in place; work on a copy")


@check(leaves_everything_else_alone)
def leaves_the_seed_alone(case: Case) -> None:
    """In training it sets no seed: what is drawn after it depends on the seed before it."""
    part, drawn = build(case).train(), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        part(*given(case))
        drawn.append(torch.rand(4))
    if torch.equal(*drawn):
        raise ContractError("it seeds torch's random numbers; the trainer does that for every step")


@check(leaves_everything_else_alone)
def keeps_nothing(case: Case) -> None:
    """Called again and again, in both modes, it keeps no more tensors or other entries than after the first calls."""
    part = warm(case)
    sizes = []
    gc.freeze()  # whatever else is in memory need not be counted
    try:
        for round_ in range(2):
            for number in range(2):
                part.eval()(*given(case, 3 + number, seed=4 * round_ + number))
                step(case, part, given(case, 3 + number, seed=4 * round_ + number + 2))
            part.zero_grad()
            gc.collect()
            entries = sum(_entries(value) for module in part.modules() for value in vars(module).values())
            sizes.append((sum(1 for thing in gc.get_objects() if _is_tensor(thing)), entries))
    finally:
        gc.unfreeze()
    (tensors_before, entries_before), (tensors_after, entries_after) = sizes
    if tensors_after > tensors_before or entries_after > entries_before:
        raise ContractError("it grows with every call; keep no inputs, answers or losses")


def _is_tensor(thing: object) -> bool:
    return issubclass(type(thing), Tensor)  # isinstance would ask proxies for their class


def _entries(value: object) -> int:
    if isinstance(value, Tensor):
        return value.numel()
    return len(value) if isinstance(value, list | tuple | dict | set) or hasattr(value, "popleft") else 0  # type: ignore[arg-type]


CHECKS = (leaves_its_input_alone, leaves_the_seed_alone, keeps_nothing)
