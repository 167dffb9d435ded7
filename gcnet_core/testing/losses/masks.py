"""Promises of losses: samples to which they do not apply do not count."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Output
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.losses.cases import alike, check_gradient, check_value, reads_labels, settings, value
from gcnet_core.testing.losses.values import repeats_its_value
from gcnet_core.testing.networks.modules import take, warm


@check(repeats_its_value)
def masks_unlabeled_samples(case: Case) -> None:
    """If it reads labels, samples without one (-1) do not count: it is the mean of the others, 0 if there are none."""
    part = warm(case)
    if not reads_labels(case, part):
        raise DoesNotApply("it reads no labels")
    known = torch.tensor([True, True, False, True, True, False])
    for output, whole in settings(case):
        batch = _without_labels(whole, ~known)
        check_value(result := value(part, output, batch), "two of six without a label")
        check_gradient(result, output, "two of six without a label")
        if not alike(result, value(part, *take((output, batch), known))):
            raise ContractError(
                "samples without a label change the value; mask by batch.label >= 0, divide by their number"
            )
        nobody = _without_labels(whole, torch.ones_like(known))
        _check_zero(part, output, nobody, "without any label")


def _without_labels(batch: Batch, rows: Tensor) -> Batch:
    return replace(
        batch,
        label=batch.label.masked_fill(rows, -1),
        votes=batch.votes.masked_fill(rows.view(-1, 1), 0),
        neutral=batch.neutral & ~rows,
    )


def _check_zero(part: nn.Module, output: Output, batch: Batch, what: str) -> None:
    """Raise unless the value is exactly 0, with a finite gradient."""
    check_value(result := value(part, output, batch), what)
    check_gradient(result, output, what)
    if result != 0:
        raise ContractError(f"{what} the value is {float(result.detach()):.3g} instead of 0")


@check(repeats_its_value)
def masks_unknown_references(case: Case) -> None:
    """Pixels of unknown references have no influence; if it needs references, samples without one do not count."""
    part, needs = warm(case), case.part.config.needs_references
    for output, whole in settings(case):
        batch = replace(whole, has_reference=torch.tensor([True, False, True, True, False, True]))
        noise = {
            name: torch.where(getattr(batch, f"has_{name}").view(-1, 1, 1, 1), getattr(batch, name), 0.7)
            for name in ("reference", "true_reference")
        }
        before = value(part, output, batch)
        if not alike(value(part, output, replace(batch, **noise)), before):
            raise ContractError("the value sees references that are unknown; mask by batch.has_reference")
        if needs and not alike(value(part, *take((output, batch), batch.has_reference)), before):
            raise ContractError("samples without a reference change the value; divide by the number of the others")


def _without_references(batch: Batch) -> Batch:
    nobody = torch.zeros_like(batch.has_reference)
    nothing = torch.zeros_like(batch.reference)
    return replace(batch, reference=nothing, has_reference=nobody, true_reference=nothing, has_true_reference=nobody)


@check(masks_unknown_references)
def is_zero_without_references(case: Case) -> None:
    """Without any reference it is exactly 0 if `needs_references` says so, and not always 0 if it does not."""
    part, needs = warm(case), case.part.config.needs_references
    with_references, without = [], []
    for output, whole in settings(case):
        batch = _without_references(whole)
        with_references.append(float(value(part, output, whole).detach()))
        if needs:
            _check_zero(part, output, batch, "without any reference")
        check_value(result := value(part, output, batch), "without any reference")
        check_gradient(result, output, "without any reference")
        without.append(float(result.detach()))
    if needs and not any(with_references):
        raise ContractError("it is 0 with references too")
    if not needs and any(with_references) and not any(without):
        raise ContractError("it is 0 on data without references; say needs_references = True in its config")


MASKS = (masks_unlabeled_samples, masks_unknown_references, is_zero_without_references)
