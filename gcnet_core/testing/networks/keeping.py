"""Promises of any part of a network: stored, copied, moved, compiled or of lower precision, it stays what it is."""

import tempfile
from collections.abc import Collection, Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor, nn

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.pretend_device import ELSEWHERE, Elsewhere, PretendDevice, send
from gcnet_core.testing.every_part.common import starts_the_same_under_a_seed
from gcnet_core.testing.networks.conduct import leaves_everything_else_alone
from gcnet_core.testing.networks.modules import answer, build, changed, close, given, step, warm


def _answers(case: Case, part: nn.Module) -> list[Tensor]:
    """In evaluation and in training mode under one seed; a copy answers, so that no statistics move."""
    results = []
    for training in (False, True):
        copy = deepcopy(part).train(training)
        torch.manual_seed(0)
        results.append(copy(*given(case)).detach())
    return results


def _same(first: Iterable[Tensor], second: Iterable[Tensor]) -> bool:
    return all(close(one, other, 1e-6) for one, other in zip(first, second, strict=True))


@check(starts_the_same_under_a_seed, leaves_everything_else_alone)
def repeats_its_training(case: Case) -> None:
    """Two of them trained under one seed of torch give the same answers, in both modes."""
    if not _same(_answers(case, warm(case)), _answers(case, warm(case))):
        raise ContractError("two trainings under one seed differ; draw from torch's default generator alone")


@check(repeats_its_training)
def is_stored_completely(case: Case) -> None:
    """Saved by safetensors and loaded into a new part, it gives the same answers, in both modes."""
    part, fresh = warm(case, 3), build(case, seed=1)
    _store(part, fresh)
    if not _same(_answers(case, part), _answers(case, fresh)):
        raise ContractError("a loaded part answers otherwise; keep all state in parameters and buffers")


def _store(part: nn.Module, fresh: nn.Module) -> None:
    """Save one part and load it into another."""
    if not part.state_dict():
        return
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.safetensors")
        safetensors.torch.save_model(part, path)
        safetensors.torch.load_model(fresh, path)


@check(repeats_its_training)
def is_built_without_its_first_weights(case: Case) -> None:
    """Built with `initial_weights=False`, as for a trained model, it has the same weights by name and shape."""
    part, bare = warm(case), build(case, seed=1, initial_weights=False)
    shapes, bare_shapes = (
        {name: tuple(value.shape) for name, value in one.state_dict().items()} for one in (part, bare)
    )
    if shapes != bare_shapes:
        odd = sorted({name for name, _ in shapes.items() ^ bare_shapes.items()})
        raise ContractError(f"weights differ by context.initial_weights: {', '.join(odd[:5])}")
    _store(part, bare)
    if not _same(_answers(case, part), _answers(case, bare)):
        raise ContractError("with the same weights loaded it answers otherwise if context.initial_weights is false")


@check(repeats_its_training)
def copies_are_independent(case: Case) -> None:
    """A deep copy, as averaging of weights makes it, and a second part share nothing that training moves."""
    part, other = warm(case), build(case, seed=3)
    part.train()(*given(case))
    first = _answers(case, part)
    copy = deepcopy(part)
    if not _same(first, _answers(case, copy)):
        raise ContractError("a deep copy gives another answer")
    for moved in (copy, other):
        for number in range(2):
            step(case, moved, given(case, 6, seed=30 + number), learning_rate=0.1)
        if not _same(first, _answers(case, part)):
            raise ContractError("training one changes the answers of another; share no weights between objects")


@check(repeats_its_training)
def moves_to_another_device(case: Case) -> None:
    """Moved to another device it gives the same answer there: all tensors move with it, new ones begin there."""
    part = warm(case)
    known = {id(tensor) for tensor in (*part.parameters(), *part.buffers())}
    stray = sorted(name for module in part.modules() for name, value in vars(module).items() if _is_stray(value, known))
    if stray:
        raise ContractError(f"{', '.join(stray[:5])} would stay behind on the CPU; use register_buffer or Parameter")
    expected = answer(part, given(case))
    values = changed(given(case), lambda tensor: Elsewhere(tensor.detach()))
    send(part)
    with PretendDevice():
        result = part(*values).detach()
    if result.device != ELSEWHERE:
        raise ContractError("the answer is on another device than the input")
    if not close(result.held, expected, 1e-3):
        raise ContractError("on another device the answer is another")


def _is_stray(value: Any, known: Collection[int]) -> bool:
    """Whether an attribute holds tensors of which PyTorch does not know; recurrent layers list those that it knows."""
    if isinstance(value, Tensor):
        return value.dim() > 0 and id(value) not in known
    if isinstance(value, list | tuple):
        return any(isinstance(entry, nn.Module) or _is_stray(entry, known) for entry in value)
    return False


@check(repeats_its_training)
def survives_half_precision(case: Case) -> None:
    """Under bf16 autocast answers and gradients are finite, and answers nearly the same; on inputs of bf16 too."""
    part, values = warm(case), given(case, 8)
    halves = changed(values, lambda tensor: tensor.detach().bfloat16() if tensor.is_floating_point() else tensor)
    expected = answer(part, values)
    inputs = (
        (values, halves) if case.kind in ("classifier", "decoder", "join") else (values,)
    )  # the others are shown float32
    for chosen in inputs:
        with torch.autocast("cpu", torch.bfloat16):
            result = answer(part, chosen)
        if not result.isfinite().all() or not result.is_floating_point():
            raise ContractError("an answer is not finite under bf16")
        if (result.float() - expected).norm() > 0.2 * expected.norm() + 1e-3:
            raise ContractError("under bf16 it answers something else")
    part.zero_grad()
    with torch.autocast("cpu", torch.bfloat16):
        result = part.train()(*values)
    if result.requires_grad:
        result.float().square().mean().backward()
    if any(weight.grad is not None and not weight.grad.isfinite().all() for weight in part.parameters()):
        raise ContractError("a gradient is not finite under bf16")


@check(repeats_its_training)
def compiles_to_the_same(case: Case) -> None:
    """Compiled by torch, it gives the same answers as before, in both modes, with gradients."""
    part = warm(case)
    expected = _answers(case, part)
    torch.compiler.reset()
    try:
        results = []
        for training in (False, True):
            copy = deepcopy(part).train(training)
            copy.compile(backend="aot_eager")  # captured whole, but run without generating code: quick
            torch.manual_seed(0)
            result = copy(*given(case))
            results.append(result.detach())
            if training and result.requires_grad:
                result.sum().backward()
    finally:
        torch.compiler.reset()
    if not all(close(one, other, 1e-3) for one, other in zip(results, expected, strict=True)):
        raise ContractError("compiled, it computes something else; have no effect beside what is returned")


STORED = (repeats_its_training, is_stored_completely, is_built_without_its_first_weights, copies_are_independent)
CHECKS = (*STORED, moves_to_another_device, survives_half_precision, compiles_to_the_same)
