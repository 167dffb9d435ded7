"""What a loss is given by a check, and what its value is compared by."""

import math
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Output
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.networks.modules import output_of, vector_length

FIELDS = frozenset(entry.name for entry in fields(Output)) - {"extra_losses"}
SEEDS = (0, 1, 2)


def value(part: nn.Module, output: Output, batch: Batch) -> Tensor:
    """What a copy of the loss gives, so that no state moves; under one seed."""
    torch.manual_seed(0)
    result: Tensor = deepcopy(part)(output, batch)
    return result


def alike(first: Tensor, second: Tensor, tolerance: float = 1e-4) -> bool:
    """Whether two values are equal up to rounding."""
    return math.isclose(float(first.detach()), float(second.detach()), rel_tol=tolerance, abs_tol=1e-6)


def optional(case: Case) -> frozenset[str]:
    """Fields of `Output` that the loss reads where they are there."""
    return frozenset(getattr(case.part.config, "optional_outputs", ()))


def settings(case: Case, count: int = 6) -> Iterable[tuple[Output, Batch]]:
    """Several batches with what the loss requires of a model's output; with what it reads if it is there too."""
    required = case.part.config.required_outputs
    for seed in SEEDS:
        batch = case.batch(count, seed)
        for names in {required, required | optional(case)}:
            yield output_of(batch, names, seed, width=vector_length(case)), batch


def check_value(result: Tensor, what: str) -> None:
    """Raise unless it is one finite float32 number that can be minimized."""
    if not isinstance(result, Tensor):
        raise ContractError(f"{what}: forward returned {type(result).__name__} instead of a tensor")
    if result.dim():
        raise ContractError(f"{what}: forward returned the shape {tuple(result.shape)} instead of one number")
    if result.dtype != torch.float32:
        raise ContractError(f"{what}: the value is {str(result.dtype).removeprefix('torch.')} instead of float32")
    if not result.isfinite():
        raise ContractError(f"{what}: the value is {float(result.detach())}")
    if not result.requires_grad:
        raise ContractError(f"{what}: the value has no gradient; return a sum times 0 rather than a constant")


def check_gradient(result: Tensor, output: Output, what: str) -> None:
    """Raise unless the gradient of a value is finite."""
    result.backward()
    for name, tensor in tensors_of(output).items():
        if tensor.grad is not None and not tensor.grad.isfinite().all():
            raise ContractError(f"{what}: the gradient of {name} is not finite")


def with_fields(output: Output, changed: Mapping[str, Any]) -> Output:
    """The same output with some of its fields changed."""
    return replace(output, **changed)


def tensors_of(output: Output) -> dict[str, Tensor]:
    """The fields of an output that are there."""
    return {name: tensor for name in sorted(FIELDS) if (tensor := getattr(output, name)) is not None}


def reads(case: Case, part: nn.Module, **others: Callable[[Tensor], Tensor]) -> bool:
    """Whether the value changes for any of some batches if these fields of the batch are changed by functions."""
    return any(
        not alike(value(part, output, batch), value(part, output, _applied(batch, others)))
        for output, batch in settings(case)
    )


def _applied(batch: Batch, others: dict[str, Callable[[Tensor], Tensor]]) -> Batch:
    return replace(batch, **{name: change(getattr(batch, name)) for name, change in others.items()})


def reads_labels(case: Case, part: nn.Module) -> bool:
    """Whether the loss depends on what the queries show."""
    turn = torch.tensor([1, 0, 5, 2, 3, 4])
    return reads(case, part, label=lambda label: label[turn], votes=lambda votes: votes[turn])
