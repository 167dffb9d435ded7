"""Promises of losses: finite where networks go wrong, smaller where all is right, the same as a part that is stored."""

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Output
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.losses.cases import (
    alike,
    check_gradient,
    check_value,
    reads,
    reads_labels,
    settings,
    tensors_of,
    value,
    with_fields,
)
from gcnet_core.testing.losses.masks import MASKS
from gcnet_core.testing.losses.values import VALUES, is_one_number, repeats_its_value
from gcnet_core.testing.networks import conduct, keeping
from gcnet_core.testing.networks.modules import build, step, warm

PICTURES = {"reference": "reference", "query_reconstruction": "query", "reference_reconstruction": "reference"}
"""Fields of the output that are pictures, and the pictures of the batch that they should be."""
VECTORS = frozenset({"features", "difference", "query_code"})


@check(is_one_number)
def is_finite_everywhere(case: Case) -> None:
    """Value and gradient are finite for large, equal and zero outputs, and where all or no sample is neutral."""
    part = warm(case)
    for output, batch in settings(case):
        vectors = [name for name, tensor in tensors_of(output).items() if tensor.dim() == 2]
        perfect = {name: getattr(batch, true) for name, true in PICTURES.items() if name in tensors_of(output)}
        cases: dict[str, tuple[dict[str, Tensor], Batch]] = {
            "large outputs": ({name: 1e4 * getattr(output, name) for name in vectors}, batch),
            "outputs of zero": ({name: 0 * getattr(output, name) for name in vectors}, batch),
            "equal outputs": ({name: _constant(getattr(output, name)) for name in vectors}, batch),
            "perfect pictures": (perfect, batch),
            "neutral faces alone": ({}, replace(batch, neutral=torch.ones_like(batch.neutral), label=0 * batch.label)),
            "no neutral face": ({}, replace(batch, neutral=torch.zeros_like(batch.neutral))),
            "one expression alone": ({}, replace(batch, label=0 * batch.label + 1)),
        }
        for what, (others, chosen) in cases.items():
            leaves = {name: tensor.detach().clone() for name, tensor in {**tensors_of(output), **others}.items()}
            for name, leaf in leaves.items():
                leaf.requires_grad_(name != "target_code")
            check_value(result := value(part, with_fields(output, leaves), chosen), what)
            check_gradient(result, with_fields(output, leaves), what)


def _constant(tensor: Tensor) -> Tensor:
    """The same vector for every sample and every field of this length."""
    return torch.linspace(0.1, 1, tensor.shape[1]).expand_as(tensor)


@check(repeats_its_value)
def is_smaller_where_all_is_right(case: Case) -> None:
    """Right logits, pictures and codes cost less than wrong ones, as far as the loss reads what is right."""
    part, judged = warm(case), False
    for output, batch in settings(case):
        for what, right, wrong in _contrasts(case, part, output, batch):
            judged = True
            good, bad = (value(part, with_fields(output, fields), batch) for fields in (right, wrong))
            if good > bad:
                raise ContractError(
                    f"right {what} cost {float(good.detach()):.3g}, wrong ones {float(bad.detach()):.3g}"
                )
    if not judged:
        raise DoesNotApply("it reads nothing of which the kit knows what is right")


def _contrasts(
    case: Case, part: nn.Module, output: Output, batch: Batch
) -> Iterator[tuple[str, dict[str, Tensor], dict[str, Tensor]]]:
    """What is compared, right fields of the output, and wrong ones."""
    here, classes = tensors_of(output), batch.votes.shape[1]
    labels = reads_labels(case, part)
    own_state = bool(part.state_dict())
    if "logits" in here and labels:
        right, wrong = (nn.functional.one_hot((batch.label + shift) % classes, classes).float() for shift in (0, 1))
        yield "logits", {"logits": 5 * right}, {"logits": 5 * wrong}
    for name, true in PICTURES.items():
        target = getattr(batch, true)
        if name not in case.part.config.required_outputs:
            continue
        if not alike(value(part, output, batch), value(part, output, replace(batch, **{true: 1 - target}))):
            yield f"pictures of {name}", {name: target}, {name: 1 - target}
    if {"reference_code", "target_code"} <= here.keys():
        yield "codes", {"reference_code": here["target_code"]}, {"reference_code": -here["target_code"]}
    elif {"query_code", "reference_code"} <= here.keys() and reads(case, part, neutral=lambda neutral: ~neutral):
        code = here["query_code"].detach()
        away = torch.where(batch.neutral.view(-1, 1), -code, here["reference_code"].detach())
        near = torch.where(batch.neutral.view(-1, 1), code, here["reference_code"].detach())
        yield "codes of neutral faces", {"reference_code": near}, {"reference_code": away}
    vectors = VECTORS & here.keys()
    if labels and not own_state and len(vectors) == len(here) == 1:
        (name,) = vectors
        width = here[name].shape[1]
        draws = torch.randn((3, width), generator=torch.Generator().manual_seed(5))
        noise = 0.1 * torch.randn(here[name].shape, generator=torch.Generator().manual_seed(6))
        mixed = torch.tensor([0, 1, 2, 1, 2, 0])  # no two of one class are alike
        yield f"{name} by class", {name: draws[batch.label] + noise}, {name: draws[mixed] + noise}


@check(repeats_its_value)
def trains_its_own_weights(case: Case) -> None:
    """If it has weights that are not frozen, a finite gradient reaches each of them."""
    part = build(case)
    missed = {name for name, weight in part.named_parameters() if weight.requires_grad}
    if not missed:
        raise DoesNotApply("it has no weights that are trained")
    for output, batch in settings(case):
        step(case, part, (output, batch))
        for name, weight in part.named_parameters():
            if weight.grad is not None and not weight.grad.isfinite().all():
                raise ContractError(f"the gradient of {name} is not finite")
            if weight.grad is not None and weight.grad.any():
                missed.discard(name)
    if missed:
        raise ContractError(
            f"no gradient reaches {', '.join(sorted(missed)[:5])}; use them, freeze them, or remove them"
        )


@check(repeats_its_value)
def computes_in_float32(case: Case) -> None:
    """Outputs of bf16, under autocast, give a finite float32 number that is nearly the same, and finite gradients."""
    part = warm(case)
    for output, batch in settings(case):
        halves = {name: tensor.detach().bfloat16() for name, tensor in tensors_of(output).items()}
        for name, half in halves.items():
            half.requires_grad_(name != "target_code")
        low = with_fields(output, halves)
        with torch.autocast("cpu", torch.bfloat16):
            result = value(part, low, batch)
        check_value(result, "outputs of bf16")
        check_gradient(result, low, "outputs of bf16")
        rounded = {name: half.detach().float().requires_grad_(half.requires_grad) for name, half in halves.items()}
        if not alike(result, value(part, with_fields(output, rounded), batch), 0.02):
            raise ContractError("under bf16 the value is another; begin with output.….float()")


CHECKS = (
    *VALUES, *MASKS, is_finite_everywhere, is_smaller_where_all_is_right, trains_its_own_weights, computes_in_float32,
    *conduct.CHECKS, *keeping.STORED, keeping.moves_to_another_device,
)  # fmt: skip
