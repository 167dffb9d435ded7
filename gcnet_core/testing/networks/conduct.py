"""Promises of any part of a network: what else may change when it is called. Nothing but what training is for."""

import contextlib
import gc
from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.surroundings import Watch, refuse_seeding, unchanged_settings
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.networks.modules import build, given, step, tensors, warm


@check(is_of_its_kind)
def leaves_everything_else_alone(case: Case) -> None:
    """Answering changes no global setting, mode, frozen weight or option, prints nothing and writes no file."""
    part = build(case)
    with unchanged_settings("answering"), Watch("answering"):
        changed = list(_changed_in_itself(case, part))
    if changed:
        raise ContractError(f"answering changed {changed[0]}; leave that to the trainer")


def _changed_in_itself(case: Case, part: nn.Module) -> Iterator[str]:
    """What a part changes in itself, in both modes."""
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
    part = build(case).train()
    refuse_seeding(lambda: part(*given(case)), "training")


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
