"""Promises of a generator: its estimates and its own loss terms."""

from copy import deepcopy
from dataclasses import fields

import torch
from torch import Tensor

from gcnet_core.interfaces import Batch
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.training import SQUARED_ERROR, GeneratorAlone, estimate, phases_of, train, warm

TOLERANCE = 1e-4


@check()
def keeps_shape_and_range(case: Case) -> None:
    """Estimates have the shape of the query, are finite, and lie in [0, 1], grey and in colour, in both modes."""
    for channels in (1, 3):
        model, batch = warm(case.with_channels(channels)), case.with_channels(channels).batch()
        for reference in (estimate(model.generator, batch.query), model.generator.train()(batch.query)):
            if reference.shape != batch.query.shape:
                raise ContractError(f"{tuple(batch.query.shape)} became {tuple(reference.shape)}")
            if not reference.isfinite().all():
                raise ContractError("the estimate is not finite")
            if reference.min() < -TOLERANCE or reference.max() > 1 + TOLERANCE:
                raise ContractError(f"values from {reference.min():.3f} to {reference.max():.3f}; limit them to [0, 1]")


@check()
def leaves_its_input_alone(case: Case) -> None:
    """The batch is the same after the estimate as before."""
    model, batch = warm(case), case.batch()
    before = deepcopy(batch)
    model.generator.train().training_step(batch.reference_pairs())
    estimate(model.generator, batch.query)
    for entry in fields(Batch):
        if not torch.equal(getattr(batch, entry.name), getattr(before, entry.name)):
            raise ContractError(f"batch.{entry.name} was changed; work on a copy")


@check()
def repeats_its_estimate(case: Case) -> None:
    """In eval mode two estimates under one seed are equal."""
    model, query = warm(case), case.batch().query
    if not torch.equal(estimate(model.generator, query), estimate(model.generator, query)):
        raise ContractError("two estimates of one query differ; draw from torch's default generator")


@check()
def ignores_other_samples(case: Case) -> None:
    """In eval mode an estimate does not depend on the other samples of its batch, nor on their order or number."""
    model, query = warm(case, steps=4), case.batch().query
    whole = estimate(model.generator, query)
    first = estimate(model.generator, query[:1])
    changed = estimate(model.generator, torch.cat([query[:1], 1 - query[1:]]))
    for other in (first, changed[:1]):
        if not torch.allclose(whole[:1], other, atol=TOLERANCE):
            raise ContractError("the estimate of one sample changed with the others; is there a norm over the batch?")


@check()
def takes_any_batch_size(case: Case) -> None:
    """A batch of one, and a last batch that is smaller, train and estimate."""
    model = GeneratorAlone(case)
    train(model, phases_of(model), [case.batch(8), case.batch(3), case.batch(1)])
    if estimate(model.generator, case.batch(1).query).shape[0] != 1:
        raise ContractError("a batch of one did not give one estimate")


@check()
def has_scalar_terms(case: Case) -> None:
    """Own loss terms, of the estimate and of each phase, are named finite scalars with a gradient."""
    model, batch = warm(case), case.batch()
    for phase in phases_of(model.requires_grad_(True)):
        phase.enter()
        for name, value in phase.loss(batch).items():
            own = name != SQUARED_ERROR  # an estimate may be cut off from the gradient
            if not isinstance(value, Tensor) or value.dim() or not value.isfinite() or own > value.requires_grad:
                raise ContractError(f"the term {name} of phase {phase.name} is no finite scalar with a gradient")


@check()
def masks_unknown_references(case: Case) -> None:
    """Where no reference is known, its pixels have no influence on any term; nothing breaks if none is known."""
    model, batch = warm(case), case.batch()
    noise = torch.where(batch.has_reference.view(-1, 1, 1, 1), batch.reference, 0.7)
    other = Batch(**{**vars(batch), "reference": noise})
    nobody = Batch(**{**vars(batch), "has_reference": torch.zeros_like(batch.has_reference)})
    for phase in phases_of(model.requires_grad_(True)):
        phase.enter()
        terms, state = [], deepcopy(model.state_dict())
        for chosen in (batch, other):
            torch.manual_seed(0)
            model.load_state_dict(state)  # a norm may count its calls
            terms.append(phase.loss(chosen))
        for name, value in terms[0].items():
            if not torch.equal(value, terms[1][name]):
                raise ContractError(f"the term {name} sees references that are unknown; mask by batch.has_reference")
        if not all(value.isfinite() for value in phase.loss(nobody).values()):
            raise ContractError(f"phase {phase.name} is not finite without any reference; divide by at least 1")


CHECKS = (
    keeps_shape_and_range, leaves_its_input_alone, repeats_its_estimate, ignores_other_samples, takes_any_batch_size,
    has_scalar_terms, masks_unknown_references,
)  # fmt: skip
