"""What a part of a network is given by a check, and how it is built, trained a little, and asked."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Output, Reference, VectorComponent
from gcnet_core.testing.case import CLASSES, IN_FEATURES, Case
from gcnet_core.testing.references.asking import AsTensor, some_candidates, stand_in

TOLERANCE = 3e-5
"""Relative; what float32 loses when the same sum is taken in another order."""
EXPRESSIONS = ("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness")


def build(
    case: Case, seed: int = 0, *, in_features: int = IN_FEATURES, classes: int = len(CLASSES), **context: Any
) -> nn.Module:
    """Construct the part of a case.

    Args:
        case: the part, and the size and channels of its images.
        seed: of its first weights.
        in_features: length of the vectors that it receives, if it receives vectors.
        classes: how many there are.
        context: further fields of the `BuildContext` that are to be different.
    """
    counts = tuple(range(2, 2 + classes))
    given = {"classes": EXPRESSIONS[:classes], "class_counts": counts} if classes != len(CLASSES) else {}
    takes_vectors = issubclass(case.spec.load(), VectorComponent)
    part = case.part
    torch.manual_seed(seed)
    built: nn.Module = replace(case.context, **{**given, **context}).build(
        part, in_features=in_features if takes_vectors else None
    )
    return AsTensor(built) if isinstance(built, Reference) else built


def given(case: Case, count: int = 6, seed: int = 0, *, in_features: int = IN_FEATURES) -> tuple[Any, ...]:
    """What the `forward` of the part receives: pictures, codes, candidates, or a batch with what belongs to it."""
    if case.kind == "encoder":
        return (case.batch(count, seed).query,)
    if case.kind == "loss":
        batch = case.batch(count, seed)
        return output_of(batch, case.part.config.required_outputs, seed, width=vector_length(case)), batch
    if case.kind == "reference":
        batch = case.batch(count, seed, album=3)
        return batch, stand_in(batch.query)
    if case.kind == "join":
        return some_candidates((in_features,), count, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    sides = 2 if case.kind == "delta" else 1
    return tuple(torch.randn((count, in_features), generator=generator) for _ in range(sides))


def output_of(batch: Batch, names: frozenset[str], seed: int = 0, *, width: int = IN_FEATURES) -> Output:
    """What a model that still errs could have computed for a batch; each field begins a gradient of its own.

    Args:
        batch: of the same length.
        names: of the fields; the others are None.
        seed: of the errors.
        width: length of a code.
    """
    generator = torch.Generator().manual_seed(100 + seed)
    count, classes = len(batch), batch.votes.shape[1]
    draw = partial(torch.randn, generator=generator)
    query_code = nn.functional.normalize(draw((count, width)), dim=1)
    errors = torch.linspace(0.2, 1, count).view(-1, 1) / width**0.5  # some codes are nearer than others
    reference_code, target_code = (
        nn.functional.normalize(query_code + errors * draw((count, width)), dim=1) for _ in range(2)
    )
    difference = 3 * (query_code - reference_code)

    def picture() -> Tensor:
        return (batch.query + 0.1 * draw(batch.query.shape)).clamp(0, 1)

    made: dict[str, Any] = {
        "reference": picture(),
        "query_code": query_code,
        "reference_code": reference_code,
        "target_code": target_code,
        "features": difference + query_code,
        "difference": difference,
        "logits": 2 * draw((count, classes)),
        "query_reconstruction": picture(),
        "reference_reconstruction": picture(),
    }
    return Output(**{name: made[name].requires_grad_(name != "target_code") for name in made if name in names})


def vector_length(case: Case) -> int:
    """How long the vectors are that a loss is given: what an option of it says that is called a width, or alike."""
    for name, value in case.part.config:
        if type(value) is int and any(word in name for word in ("width", "features", "embedding", "dim")):
            return value
    return IN_FEATURES


def tensors(values: Any) -> Iterator[tuple[str, Tensor]]:
    """All tensors in what a part is given, with the names of their fields."""
    for number, value in enumerate(values):
        if isinstance(value, Tensor):
            yield f"argument {number + 1}", value
        elif is_dataclass(value):
            entries = [(entry.name, getattr(value, entry.name)) for entry in fields(value)]
            yield from ((name, entry) for name, entry in entries if isinstance(entry, Tensor))


def changed(values: tuple[Any, ...], change: Callable[[Tensor], Tensor]) -> tuple[Any, ...]:
    """What a part is given, with every tensor changed alike."""
    result: list[Any] = []
    for value in values:
        if isinstance(value, Tensor):
            result.append(change(value))
        else:
            found = {name: change(tensor) for name, tensor in tensors((value,))}
            result.append(replace(value, **found))
    return tuple(result)


def take(values: tuple[Any, ...], rows: Any) -> tuple[Any, ...]:
    """Some samples of what a part is given, as leaves of a new graph."""
    return changed(values, lambda tensor: tensor.detach()[rows].clone().requires_grad_(tensor.requires_grad))


def step(case: Case, part: nn.Module, values: tuple[Any, ...], *, learning_rate: float = 1e-2) -> None:
    """Train by one step of gradient descent: a loss by its own value, others towards random answers."""
    part.train()
    answer = part(*values)
    if not answer.requires_grad:
        return
    draws = torch.Generator().manual_seed(7)
    target = torch.rand(answer.shape, generator=draws)
    part.zero_grad()
    (answer if case.kind == "loss" else (answer - target).square().mean()).backward()
    with torch.no_grad():
        for weight in part.parameters():
            if weight.grad is not None:
                weight.sub_(learning_rate * weight.grad / (weight.grad.norm() + 1e-6))


def warm(case: Case, steps: int = 2, **options: Any) -> nn.Module:
    """A part after a few steps, because many begin with last layers of zeros; in evaluation mode."""
    part = build(case, **options)
    for number in range(steps):
        torch.manual_seed(number)
        step(case, part, given(case, 8, seed=20 + number, in_features=options.get("in_features", IN_FEATURES)))
    return part.eval()


def answer(part: nn.Module, values: tuple[Any, ...]) -> Tensor:
    """In evaluation mode, without gradients, as at test."""
    with torch.no_grad():
        result: Tensor = part.eval()(*values)
    return result


def close(first: Tensor, second: Tensor, tolerance: float = TOLERANCE) -> bool:
    """Whether two answers are equal up to rounding, relative to the largest number in them."""
    if first.shape != second.shape:
        return False
    largest = torch.maximum(first.abs().max(), second.abs().max()).clamp(min=1e-6)
    return bool((first - second).abs().max() <= tolerance * largest)
