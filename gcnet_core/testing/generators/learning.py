"""Promises of a generator: how it is trained."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch
from gcnet_core.testing.case import Case, ContractError, DoesNotApply
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import same
from gcnet_core.testing.generators.estimates import later, takes_any_batch_size
from gcnet_core.testing.generators.pictures import of_pictures, rare_pictures, refuse_wrong_pictures
from gcnet_core.testing.generators.training import GeneratorAlone, entered, estimate, phases_of, train, warm
from gcnet_core.training.phases import ActivePhase


@check(takes_any_batch_size)
def gradients_reach_their_phase(case: Case) -> None:
    """Within a few steps every parameter that is not frozen gets a gradient, a matrix or kernel one other than 0."""
    model = GeneratorAlone(case)
    phases = phases_of(model)
    moved = {id(weight) for phase in phases for weight in phase.parameters}
    reached: set[int] = set()
    for step in range(4):
        for phase in phases:
            phase.enter()
            model.zero_grad()
            torch.manual_seed(step)
            torch.stack(list(phase.loss(case.batch(seed=step)).values())).sum().backward()
            reached |= {id(weight) for weight in phase.parameters if _has_gradient(weight)}
            phase.optimizer.step()
    missed = [name for name, weight in model.generator.named_parameters() if id(weight) in moved - reached]
    if missed:
        raise ContractError(f"no gradient reaches {', '.join(missed[:5])}; use them, freeze them, or remove them")


def _has_gradient(weight: nn.Parameter) -> bool:
    """Whether a gradient came; that of a bias may cancel to zero, as in the hinge loss of a discriminator."""
    return weight.grad is not None and (weight.ndim < 2 or bool(weight.grad.any()))


@check(takes_any_batch_size)
def masks_unknown_references(case: Case) -> None:
    """Where no reference is known, its pixels have no influence on any term; nothing breaks if none is known."""
    model, batch = warm(case), case.batch()
    noise = torch.where(batch.has_reference.view(-1, 1, 1, 1), batch.reference, 0.7)
    other = replace(batch, reference=noise)
    nobody = replace(batch, has_reference=torch.zeros_like(batch.has_reference))
    for phase in entered(model):
        terms, state = [], deepcopy(model.state_dict())
        for chosen in (batch, other):
            torch.manual_seed(0)
            model.load_state_dict(state)  # a norm may count its calls
            terms.append(phase.loss(chosen))
        for name, value in terms[0].items():
            if not torch.equal(value, terms[1][name]):
                raise ContractError(f"the term {name} sees references that are unknown; mask by batch.has_reference")
        _refuse_infinite(phase, nobody, "without any reference; divide by at least 1")


@check(takes_any_batch_size)
def bears_rare_pictures(case: Case) -> None:
    """Flat, black-and-white and noisy pictures, also as their own references, give finite estimates and gradients."""
    for model in (GeneratorAlone(case), warm(case)):
        pictures = rare_pictures(case.batch(1).query)
        for query in (pictures, *pictures.split(1)):
            refuse_wrong_pictures(estimate(model.generator, query), query, "of a flat or extreme picture the estimate")
        for query in (pictures, pictures[:2], pictures[2:4]):
            for phase in entered(model):
                _refuse_infinite(phase, of_pictures(query), "for flat or extreme pictures; add a small constant")


def _refuse_infinite(phase: ActivePhase, batch: Batch, when: str) -> None:
    """Stop if a term of a phase, or the gradient that it gives, is not finite."""
    terms = phase.loss(batch)
    if not all(value.isfinite() for value in terms.values()):
        raise ContractError(f"phase {phase.name} is not finite {when}")
    phase.optimizer.zero_grad()
    total = torch.stack([value.float() for value in terms.values()]).sum()
    if total.requires_grad:
        total.backward()
    gradients = [weight.grad for weight in phase.parameters if weight.grad is not None]
    phase.optimizer.zero_grad()
    if not all(gradient.isfinite().all() for gradient in gradients):
        raise ContractError(f"the gradient of phase {phase.name} is not finite {when}")


@check(takes_any_batch_size)
def phases_move_nothing_else(case: Case) -> None:
    """A phase changes neither weights nor statistics outside its modules."""
    model = GeneratorAlone(case)
    for phase in phases_of(model, learning_rate=0.05):
        own = _held_by(phase.modules) - _held_by(phase.resting)  # frozen weights too: some follow others as an average
        before = {name: tensor.clone() for name, tensor in _tensors(model) if id(tensor) not in own}
        train(model, [phase], [case.batch()])
        model.requires_grad_(True)
        after = dict(_tensors(model))
        for name, tensor in before.items():
            if not torch.equal(tensor, after[name]):
                raise ContractError(f"phase {phase.name} changed {name}, which is not its own")


def _held_by(modules: Sequence[nn.Module]) -> set[int]:
    return {id(tensor) for module in modules for _, tensor in _tensors(module)}


def _tensors(model: nn.Module) -> list[tuple[str, Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


@check(takes_any_batch_size)
def repeats_its_training(case: Case) -> None:
    """Training twice under one seed gives the same weights bit for bit, at whatever time."""
    first = warm(case, 3)
    with later():
        second = warm(case, 3)
    compare(first, second, "two trainings under one seed")


def compare(first: GeneratorAlone, second: GeneratorAlone, what: str) -> None:
    """Raise if any weight or statistic differs."""
    for name, tensor in first.state_dict().items():
        if not same(tensor, second.state_dict()[name]):
            raise ContractError(f"{what} differ in {name}; all state in parameters and buffers, all draws from torch")


@check(takes_any_batch_size)
def learns_sixteen_images(case: Case) -> None:
    """Trained on 16 images, its error falls below 0.8 of that of its first weights, or of a copy of the query."""
    batch = case.batch(16)
    model = GeneratorAlone(case)
    if not any(name in model.trainable for name, _ in model.named_parameters() if name.startswith("generator.")):
        raise DoesNotApply("it has no weights that learn")

    def error(reference: Tensor) -> float:
        return float((reference - batch.reference)[batch.has_reference].square().mean())

    first, copy = error(estimate(model.generator, batch.query)), error(batch.query)
    train(model, phases_of(model, learning_rate=3e-3), [batch] * 60)
    learned = estimate(model.generator, batch.query)
    refuse_wrong_pictures(learned, batch.query, "after 60 steps the estimate")
    infinite = [name for name, value in model.state_dict().items() if not value.isfinite().all()]
    if infinite:
        raise ContractError(f"after 60 steps {infinite[0]} is not finite; lower the learning rate of its phase")
    last = error(learned)
    if not last < 0.8 * max(first, copy):
        raise ContractError(
            f"squared error {last:.5f} after 60 steps on the same images, {first:.5f} before, {copy:.5f} of the copy"
        )


CHECKS = (
    gradients_reach_their_phase, masks_unknown_references, bears_rare_pictures, phases_move_nothing_else,
    repeats_its_training, learns_sixteen_images,
)  # fmt: skip
