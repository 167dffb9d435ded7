"""Promises of a generator."""

import tempfile
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from gcnet_core.interfaces import Batch, Generator
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.training import GeneratorAlone, phases_of, train

TOLERANCE = 1e-4


def warm(case: Case, steps: int = 2) -> GeneratorAlone:
    """A generator after a few steps, because many start with last layers of zeros."""
    model = GeneratorAlone(case.build())
    train(model, phases_of(model), [case.batch(seed=step) for step in range(steps)])
    return model


def estimate(generator: Generator, query: Tensor) -> Tensor:
    """In eval mode, without gradients, under one seed."""
    torch.manual_seed(0)
    with torch.no_grad():
        reference: Tensor = generator.eval()(query)
    return reference


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


def leaves_its_input_alone(case: Case) -> None:
    """The batch is the same after the estimate as before."""
    model, batch = warm(case), case.batch()
    before = deepcopy(batch)
    model.generator.train().estimate(batch)
    estimate(model.generator, batch.query)
    for entry in fields(Batch):
        if not torch.equal(getattr(batch, entry.name), getattr(before, entry.name)):
            raise ContractError(f"batch.{entry.name} was changed; work on a copy")


def repeats_its_estimate(case: Case) -> None:
    """In eval mode two estimates under one seed are equal."""
    model, query = warm(case), case.batch().query
    if not torch.equal(estimate(model.generator, query), estimate(model.generator, query)):
        raise ContractError("two estimates of one query differ; draw from torch's default generator")


def ignores_other_samples(case: Case) -> None:
    """In eval mode an estimate does not depend on the other samples of its batch, nor on their order or number."""
    model, query = warm(case, steps=4), case.batch().query
    whole = estimate(model.generator, query)
    first = estimate(model.generator, query[:1])
    changed = estimate(model.generator, torch.cat([query[:1], 1 - query[1:]]))
    for other in (first, changed[:1]):
        if not torch.allclose(whole[:1], other, atol=TOLERANCE):
            raise ContractError("the estimate of one sample changed with the others; is there a norm over the batch?")


def takes_any_batch_size(case: Case) -> None:
    """A batch of one, and a last batch that is smaller, train and estimate."""
    model = GeneratorAlone(case.build())
    train(model, phases_of(model), [case.batch(8), case.batch(3), case.batch(1)])
    if estimate(model.generator, case.batch(1).query).shape[0] != 1:
        raise ContractError("a batch of one did not give one estimate")


def has_scalar_terms(case: Case) -> None:
    """Own loss terms, of the estimate and of each phase, are named finite scalars with a gradient."""
    model, batch = warm(case), case.batch()
    for phase in phases_of(model.requires_grad_(True)):
        phase.enter()
        for name, value in phase.loss(batch).items():
            if not isinstance(value, Tensor) or value.dim() or not value.isfinite() or not value.requires_grad:
                raise ContractError(f"the term {name} of phase {phase.name} is no finite scalar with a gradient")


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


def gradients_reach_their_phase(case: Case) -> None:
    """Within a few steps every parameter of a phase gets a gradient, and is moved by one phase alone."""
    model = GeneratorAlone(case.build())
    phases = phases_of(model)
    owners: dict[int, str] = {}
    for phase in phases:
        for weight in phase.parameters:
            if owners.setdefault(id(weight), phase.name) != phase.name:
                raise ContractError(f"a parameter belongs to the phases {owners[id(weight)]} and {phase.name}")
    reached: set[int] = set()
    for step in range(3):
        for phase in phases:
            phase.enter()
            model.zero_grad()
            torch.manual_seed(step)
            torch.stack(list(phase.loss(case.batch(seed=step)).values())).sum().backward()
            reached |= {id(weight) for weight in phase.parameters if weight.grad is not None}
            phase.optimizer.step()
    missed = [name for name, weight in model.generator.named_parameters() if id(weight) in owners.keys() - reached]
    if missed:
        raise ContractError(f"no gradient reaches {', '.join(missed[:5])}; use them, freeze them, or remove them")


def phases_move_nothing_else(case: Case) -> None:
    """A phase changes neither weights nor statistics outside its modules."""
    model = GeneratorAlone(case.build())
    for phase in phases_of(model, learning_rate=0.05):
        own = {id(weight) for weight in phase.parameters}
        held = {id(tensor) for module in phase.modules for tensor in module.buffers()}
        resting = {id(tensor) for module in phase.resting for tensor in module.buffers()}
        outside = {
            name: tensor.clone()
            for name, tensor in [*model.named_parameters(), *model.named_buffers()]
            if id(tensor) not in own and (id(tensor) not in held or id(tensor) in resting)
        }
        train(model, [phase], [case.batch()])
        model.requires_grad_(True)
        now = dict([*model.named_parameters(), *model.named_buffers()])
        for name, tensor in outside.items():
            if not torch.equal(tensor, now[name]):
                raise ContractError(f"phase {phase.name} changed {name}, which is not its own")


def repeats_its_training(case: Case) -> None:
    """Training twice under one seed gives the same weights bit for bit."""
    compare(warm(case, 3), warm(case, 3), "two trainings under one seed")


def is_stored_completely(case: Case) -> None:
    """Saved by safetensors and loaded into a new part, it gives the same estimates; tied weights included."""
    model, query = warm(case, 3), case.batch().query
    fresh = case.build(seed=1)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.safetensors")
        safetensors.torch.save_model(model.generator, path)
        safetensors.torch.load_model(fresh, path)
    if not torch.equal(estimate(model.generator, query), estimate(fresh, query)):
        raise ContractError("a loaded part estimates otherwise; keep all state in parameters and buffers")


def resumes_exactly(case: Case) -> None:
    """Training that is interrupted and goes on from weights and optimisers equals one that was not."""
    batches = [case.batch(seed=step) for step in range(4)]
    whole = GeneratorAlone(case.build())
    train(whole, phases_of(whole), batches)
    first = GeneratorAlone(case.build())
    phases = phases_of(first)
    train(first, phases, batches[:2])
    second = GeneratorAlone(case.build(seed=1))
    second.load_state_dict(first.state_dict())
    resumed = phases_of(second)
    for after, before in zip(resumed, phases, strict=True):
        after.optimizer.load_state_dict(before.optimizer.state_dict())
    train(second, resumed, batches[2:], first=2)
    compare(whole, second, "a resumed training and a whole one")


def compare(first: GeneratorAlone, second: GeneratorAlone, what: str) -> None:
    """Raise if any weight or statistic differs."""
    for name, tensor in first.state_dict().items():
        if not torch.equal(tensor, second.state_dict()[name]):
            raise ContractError(f"{what} differ in {name}; all state in parameters and buffers, all draws from torch")


def survives_half_precision(case: Case) -> None:
    """Under bf16 autocast estimates are finite and in range, and gradients are finite."""
    model, batch = warm(case), case.batch()
    main = phases_of(model.requires_grad_(True))[0]
    main.enter()
    with torch.autocast("cpu", torch.bfloat16):
        terms = main.loss(batch)
    torch.stack([value.float() for value in terms.values()]).sum().backward()
    if not all(weight.grad.isfinite().all() for weight in main.parameters if weight.grad is not None):
        raise ContractError("a gradient is not finite under bf16")
    with torch.autocast("cpu", torch.bfloat16):
        reference = estimate(model.generator, batch.query).float()
    if not reference.isfinite().all() or reference.min() < -0.01 or reference.max() > 1.01:
        raise ContractError("the estimate leaves [0, 1] under bf16")


def learns_sixteen_images(case: Case) -> None:
    """Trained on 16 images, its error falls clearly: below 0.7 of that of its first weights, or of the copy."""
    batch = case.batch(16)
    model = GeneratorAlone(case.build())

    def error(reference: Tensor) -> float:
        return float((reference - batch.reference)[batch.has_reference].square().mean())

    first = error(estimate(model.generator, batch.query))
    train(model, phases_of(model, learning_rate=3e-3), [batch] * 60)
    last = error(estimate(model.generator, batch.query))
    if not last < 0.7 * first:
        raise ContractError(f"squared error {last:.5f} after 60 steps on the same images, {first:.5f} before")


CHECKS: tuple[Callable[[Case], None], ...] = (
    keeps_shape_and_range, leaves_its_input_alone, repeats_its_estimate, ignores_other_samples, takes_any_batch_size,
    has_scalar_terms, masks_unknown_references, gradients_reach_their_phase, phases_move_nothing_else,
    repeats_its_training, is_stored_completely, resumes_exactly, survives_half_precision, learns_sixteen_images,
)  # fmt: skip
