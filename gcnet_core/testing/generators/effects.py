"""Promises of a generator: what it leaves as it was, and that it keeps nothing."""

import gc
import weakref
from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.surroundings import (
    Watch,
    entries_of,
    refuse_seeding,
    tensors_of,
    unchanged_settings,
)
from gcnet_core.testing.every_part.common import same
from gcnet_core.testing.generators.estimates import takes_any_batch_size
from gcnet_core.testing.generators.pictures import keeps_shape_and_range
from gcnet_core.testing.generators.training import GeneratorAlone, entered, estimate, phases_of, warm
from gcnet_core.training.phases import ActivePhase

ROUNDS = 8


@check(keeps_shape_and_range)
def leaves_its_input_alone(case: Case) -> None:
    """Batches are the same after estimates, training steps and phases as before."""
    model, batch = GeneratorAlone(case), case.batch()
    before = deepcopy(batch)
    generator = model.generator
    actions: dict[str, Callable[[], object]] = {"forward": lambda: estimate(generator, batch.query)}
    for phase in phases_of(model):
        actions[f"the phase {phase.name}"] = partial(phase.loss, batch)
    actions["extra_losses"] = lambda: generator.train().extra_losses(batch.reference_pairs())
    generator.train()
    for what, act in actions.items():
        act()
        for entry in fields(Batch):
            value = getattr(batch, entry.name)
            if value.requires_grad or not same(value, getattr(before, entry.name)):
                raise ContractError(f"batch.{entry.name} was changed by {what}; work on a copy")


Use = Callable[[], list[Tensor]]
"""Uses a generator once, on a new batch, and returns what went in and came out."""


def _uses(model: GeneratorAlone, case: Case) -> dict[str, Use]:
    """An estimate and the loss of every phase, each with the modes of its step."""

    def estimated() -> list[Tensor]:
        query = case.batch(2).query
        return [query, estimate(model.generator, query)]

    def taught(phase: ActivePhase) -> list[Tensor]:
        phase.enter()
        batch = case.batch(3)
        terms = phase.loss(batch)
        torch.stack(list(terms.values())).sum().backward()
        phase.optimizer.zero_grad()
        return [batch.query, batch.reference, *terms.values()]

    steps: dict[str, Use] = {f"a step of phase {phase.name}": partial(taught, phase) for phase in phases_of(model)}
    return {"an estimate": estimated, **steps}


@check(takes_any_batch_size)
def has_no_side_effects(case: Case) -> None:
    """Training and estimating print nothing, write no file, do not sleep, and leave global settings as they were."""
    for what, use in _uses(warm(case), case).items():
        with unchanged_settings(what), Watch(what):
            use()
        if what != "an estimate":  # whose seed is set here
            refuse_seeding(use, what)


@check(takes_any_batch_size)
def keeps_modes_and_weights(case: Case) -> None:
    """Neither an estimate nor a loss switches modes, freezes or moves weights, leaves gradients, or adds hooks."""
    model = warm(case)
    generator = model.generator
    for mode in (False, True):
        generator.train(mode)
        for phase in entered(model) if mode else (None,):
            before = _modes(model)
            trainable = [(name, weight) for name, weight in model.named_parameters() if name in model.trainable]
            weights = {name: weight.clone() for name, weight in trainable}
            torch.manual_seed(0)
            query = case.batch().query
            _ = generator(query) if phase is None else phase.loss(case.batch())
            after = _modes(model)
            changed = [name for name, value in before.items() if after.get(name) != value] or list(
                after.keys() - before
            )
            changed += [name for name, weight in trainable if not same(weight, weights[name])]
            if changed:
                where = "an estimate" if phase is None else f"the loss of phase {phase.name}"
                raise ContractError(f"{where} changed {changed[0]}; leave modes, weights and hooks to the trainer")
    if isinstance(generator.config, case.spec.config) and generator.config != case.part.config:
        raise ContractError("its options were changed in use; work on a copy")


def _modes(model: nn.Module) -> dict[str, Any]:
    modes: dict[str, Any] = {}
    for name, module in model.named_modules():
        modes[f"the mode of {name or 'the model'}"] = module.training
        modes[f"the hooks of {name or 'the model'}"] = sum(
            len(value) for key, value in vars(module).items() if key.endswith("_hooks") and value
        )
    for name, weight in model.named_parameters():
        modes[f"requires_grad of {name}"] = weight.requires_grad
        modes[f"the gradient of {name}"] = None if weight.grad is None else id(weight.grad)
    return modes


@check(takes_any_batch_size)
def keeps_no_memory(case: Case) -> None:
    """No batch, estimate or loss lives on after its step, and nothing grows from step to step."""
    model = warm(case)
    gc.collect()
    gc.freeze()  # what was there before need not be searched again
    try:
        for what, use in _uses(model, case).items():
            _refuse_growth(model, what, use)
    finally:
        gc.unfreeze()


def _refuse_growth(model: GeneratorAlone, what: str, use: Use) -> None:
    kept = [weakref.ref(tensor) for tensor in use()]
    gc.collect()
    if any(reference() is not None for reference in kept):
        raise ContractError(f"{what} keeps the batch, the estimate or a loss; keep no tensor between steps")
    sizes = [_size_after(model, use) for _ in range(3)]
    for first, second, third in zip(*sizes, strict=True):
        if min(second - first, third - second) >= ROUNDS:
            raise ContractError(f"{what} leaves something behind each time, so that memory grows; keep nothing")


def _size_after(model: GeneratorAlone, use: Use) -> tuple[int, int, int]:
    """After some uses: tensors that are alive, numbers in the part's tensors, entries of its collections."""
    for _ in range(ROUNDS):
        use()
    gc.collect()
    alive = sum(issubclass(type(thing), Tensor) for thing in gc.get_objects())
    return alive, sum(tensor.numel() for tensor in tensors_of(model).values()), entries_of(model.generator)


CHECKS = (leaves_its_input_alone, has_no_side_effects, keeps_modes_and_weights, keeps_no_memory)
