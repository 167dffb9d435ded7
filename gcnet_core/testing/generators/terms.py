"""Promises of a generator: the phases that it declares, and its own loss terms."""

from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Generator, Phase, Terms
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.generators.pictures import keeps_shape_and_range, refuse_wrong_pictures
from gcnet_core.testing.generators.training import SQUARED_ERROR, GeneratorAlone, entered
from gcnet_core.training.objective import TOTAL
from gcnet_core.training.phases import check_distinct


@check(keeps_shape_and_range)
def declares_its_phases(case: Case) -> None:
    """Every call of `phases` gives the same ones; each has a name and weights of its own, inside the generator."""
    generator: Generator = case.build()
    phases, again = list(generator.phases()), list(generator.phases())
    if not all(isinstance(phase, Phase) for phase in phases):
        raise ContractError("phases() returned something else than gcnet_core.interfaces.Phase")
    check_distinct(phases)
    own = {id(weight) for weight in generator.parameters()}
    for phase in phases:
        if isinstance(phase.modules, nn.Module):
            raise ContractError(f"modules of the phase {phase.name} is one module; give a list")
        if not own.issuperset(_weights(phase)):
            raise ContractError(f"the phase {phase.name} moves weights that are not of the generator; register them")
        if phase.betas is not None and not all(0 <= beta < 1 for beta in phase.betas):
            raise ContractError(f"betas of the phase {phase.name} are {phase.betas}; they lie in [0, 1)")
    if [(phase.name, phase.interval, _weights(phase)) for phase in phases] != [
        (phase.name, phase.interval, _weights(phase)) for phase in again
    ]:
        raise ContractError("phases() gave others at its second call; make modules in the constructor")


def _weights(phase: Phase) -> list[int]:
    return [id(weight) for module in phase.modules for weight in module.parameters()]


@check(declares_its_phases)
def has_scalar_terms(case: Case) -> None:
    """Own loss terms, of estimate and phases, are named finite scalars with a gradient, the same ones at each step."""
    model = GeneratorAlone(case)
    for phase in entered(model):
        names: list[set[str]] = []
        for step in range(3):
            terms = phase.loss(case.batch(seed=step))
            names.append(set(terms))
            for name, value in terms.items():
                own = name != SQUARED_ERROR  # an estimate may be cut off from the gradient
                if not isinstance(value, Tensor) or value.dim() or not value.isfinite() or own > value.requires_grad:
                    raise ContractError(f"the term {name} of phase {phase.name} is no finite scalar with a gradient")
        _refuse_wrong_names(names, phase.name)


def _refuse_wrong_names(names: list[set[str]], phase: str) -> None:
    for name in names[0]:
        if not isinstance(name, str) or not name.strip() or name in (TOTAL, "main"):
            raise ContractError(f"a term of phase {phase} is called {name!r}; it needs a name, other than {TOTAL}")
    changing = ", ".join(sorted((names[0] | names[1] | names[2]) - (names[0] & names[1] & names[2])))
    if changing:
        raise ContractError(f"phase {phase} has other terms at another step: {changing}")


@check(has_scalar_terms)
def estimates_while_it_trains(case: Case) -> None:
    """`training_step` returns an `Estimate` whose reference is such a picture too, also where no reference is known."""
    for channels in (1, 3):
        coloured = case.with_channels(channels)
        model, batch = GeneratorAlone(coloured), coloured.batch()
        for known in (batch.has_reference, torch.zeros_like(batch.has_reference)):
            chosen = replace(batch, has_reference=known)
            output = model.train()(chosen, {"reference"})
            refuse_wrong_pictures(output.reference, batch.query, "the estimate of training_step")


@check(estimates_while_it_trains)
def agrees_on_its_own_terms(case: Case) -> None:
    """`extra_losses` gives the terms of `training_step`: the same names, and values that differ by chance alone."""
    model, pairs = GeneratorAlone(case), case.batch().reference_pairs()
    generator = model.generator.train()
    state = deepcopy(generator.state_dict())
    means: list[dict[str, Tensor]] = []
    for compute in (lambda: generator.training_step(pairs).extra_losses, lambda: generator.extra_losses(pairs)):
        drawn = []
        for seed in range(8):
            generator.load_state_dict(state)
            torch.manual_seed(seed)
            drawn.append({name: value.detach() for name, value in compute().items()})
        means.append({name: torch.stack([terms[name] for terms in drawn]) for name in drawn[0]})
    whole, short = means
    if whole.keys() != short.keys():
        raise ContractError(f"training_step has the terms {sorted(whole)}, extra_losses {sorted(short)}")
    for name, values in whole.items():
        others = short[name]
        random = bool((values != values[0]).any() or (others != others[0]).any())
        factor = 4.0 if random else 1.001
        low, high = sorted([float(values.mean().abs()), float(others.mean().abs())])
        if high > 1e-6 and (high > factor * low or (not random and values.mean() * others.mean() < 0)):
            raise ContractError(
                f"the term {name} is {values.mean():.4g} of training_step, {others.mean():.4g} of extra_losses"
            )


@check(has_scalar_terms)
def averages_over_samples(case: Case) -> None:
    """A term is a mean and no sum: the same batch twice or three times does not double and treble it."""
    batch = case.batch()
    for phase in entered(GeneratorAlone(case)):
        once, twice, thrice = (_terms(phase.loss, _repeated(batch, times)) for times in (1, 2, 3))
        for name, value in once.items():
            ratios = torch.stack([twice[name] / value, thrice[name] / value])
            if value.abs() > 1e-6 and torch.allclose(ratios, torch.tensor([2.0, 3.0]).to(ratios), rtol=0.03):
                raise ContractError(
                    f"the term {name} of phase {phase.name} grows with the batch; take the mean, not the sum"
                )


def _repeated(batch: Batch, times: int) -> Batch:
    return Batch(**{name: torch.cat([values] * times) for name, values in vars(batch).items()})


def _terms(loss: object, batch: Batch) -> Terms:
    torch.manual_seed(0)
    assert callable(loss)
    return {name: value.detach() for name, value in loss(batch).items()}


CHECKS = (
    declares_its_phases, has_scalar_terms, estimates_while_it_trains, agrees_on_its_own_terms, averages_over_samples,
)  # fmt: skip
