"""Promises of any part of a network: what else may change when it is called. Nothing but what training is for."""

import contextlib
import gc
import io
import os
import random
import warnings
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.common import is_of_its_kind
from gcnet_core.testing.modules import build, given, step, tensors, warm


@check(is_of_its_kind)
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


@check(is_of_its_kind)
def leaves_everything_else_alone(case: Case) -> None:
    """Building and answering change no global setting, mode, frozen weight or option, and print nothing."""
    settings, shown = _settings(), io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = build(case)
        config = part.config.model_copy(deep=True) if hasattr(part.config, "model_copy") else deepcopy(part.config)
        for training in (False, True):
            part.train(training)
            own, state = _own_settings(part), deepcopy(part.state_dict())
            generator = torch.random.get_rng_state()
            part(*given(case))
            _compare(own, _own_settings(part))
            if training or case.kind == "loss":
                continue
            if not torch.equal(generator, torch.random.get_rng_state()):
                raise ContractError("torch's random numbers were drawn or seeded in eval mode")
            for name, tensor in part.state_dict().items():
                if not torch.equal(tensor, state[name]):
                    raise ContractError(f"{name} changed in eval mode; change statistics only if self.training")
    _compare(settings, _settings())
    if part.config != config:
        raise ContractError("its options were changed; they belong to the recipe")
    if shown.getvalue().strip():
        raise ContractError(f"it printed {shown.getvalue().strip()[:60]!r}; use the module logging")


def _settings() -> dict[str, Any]:
    """What any code can change for all other code in this process."""
    return {
        "the default dtype of torch": torch.get_default_dtype(),
        "the default device of torch": torch.get_default_device(),
        "whether torch computes gradients": torch.is_grad_enabled(),
        "the number of threads": torch.get_num_threads(),
        "torch.use_deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "the precision of matrix products": torch.get_float32_matmul_precision(),
        "torch.backends.cudnn": (torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark),
        "torch.autograd anomaly detection": torch.is_anomaly_enabled(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "the random numbers of the module random": random.getstate(),
        "the random numbers of numpy": str(np.random.get_state()),
        "the working directory": os.getcwd(),
        "the environment": dict(os.environ),
    }


def _own_settings(part: nn.Module) -> dict[str, Any]:
    return {
        "its mode, train or eval": [(name, module.training) for name, module in part.named_modules()],
        "which weights are frozen": [(name, weight.requires_grad) for name, weight in part.named_parameters()],
    }


def _compare(before: dict[str, Any], after: dict[str, Any]) -> None:
    for name, value in before.items():
        if after[name] != value:
            raise ContractError(f"it changed {name}; leave that to the recipe")


@check(is_of_its_kind)
def leaves_the_seed_alone(case: Case) -> None:
    """In training it sets no seed: what is drawn after it depends on the seed before it."""
    part, drawn = build(case).train(), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        part(*given(case))
        drawn.append(torch.rand(4))
    if torch.equal(*drawn):
        raise ContractError("it seeds torch's random numbers; the trainer does that for every step")


@check(is_of_its_kind)
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


CHECKS = (leaves_its_input_alone, leaves_everything_else_alone, leaves_the_seed_alone, keeps_nothing)
