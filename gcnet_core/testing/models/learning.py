"""Promises of models: how they are trained, fitted, stored and copied."""

import tempfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from gcnet_core.interfaces import Batch, Estimate, Generator, Model, Phase, ReferencePairs, Terms, generator_phases
from gcnet_core.storage import load_model, save_model
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.environment.pretend_device import Elsewhere, PretendDevice, send
from gcnet_core.testing.models.answers import (
    computes_what_it_offers,
    names_its_parts,
    uses_a_true_reference_when_told,
)
from gcnet_core.testing.models.training import (
    built,
    fit,
    is_fitted,
    logits_of,
    phases_of,
    taught_by,
    to_learn_from,
    train,
    warm,
)

STEPS, ROUNDS = 10, 15
"""A model that learns is trained for at most so many rounds of so many steps."""
LEARNED = 0.8
"""Share of the 16 images that must be recognized then; guessing gives 0.3."""


@check(computes_what_it_offers)
def gradients_reach_every_weight(case: Case) -> None:
    """Each weight that is not frozen gets a gradient; the logits teach all that makes the features."""
    model = built(case)
    free = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    if bool(free) is not case.part.config.trains_by_gradient():
        raise ContractError(
            f"trains_by_gradient() is {not free}, but the model has {len(free)} weights that are not frozen"
        )
    reached: set[str] = set()
    for step, phase in enumerate(phases_of(model) * 2):
        phase.enter()
        model.zero_grad()
        torch.manual_seed(step)
        terms = list(phase.loss(to_learn_from(case, seed=step)).values())
        torch.stack(terms).sum().backward()
        reached |= {name for name, weight in free.items() if weight.grad is not None}
        phase.optimizer.step()
    model.eval().requires_grad_(False)
    for weight in free.values():
        weight.requires_grad_(True)
    for name in model.config.available_outputs():
        reached |= taught_by(model, to_learn_from(case), name)
    if free.keys() - reached:
        missed = sorted(free.keys() - reached)
        raise ContractError(f"no gradient reaches {', '.join(missed[:5])}; use them, freeze them, or remove them")
    if is_fitted(model):
        return
    by_logits = taught_by(model, case.batch(), "logits")
    untaught = sorted(taught_by(model, case.batch(), "features") - by_logits)
    if free and not by_logits:
        raise ContractError("no gradient of the logits reaches any weight; is there a detach, or a no_grad?")
    if untaught:
        raise ContractError(
            f"no gradient of the logits reaches {untaught[0]}, which makes the features; is there a detach?"
        )


@check(uses_a_true_reference_when_told, gradients_reach_every_weight)
def gradients_reach_the_query(case: Case) -> None:
    """The logits have a gradient to the query; to the reference they may have none, as codes of it may be constants."""
    model, batch = warm(case), case.batch()
    if is_fitted(model):
        raise DoesNotApply("it learns by fit")
    query = batch.query.clone().requires_grad_()
    model.train().zero_grad()
    output = model(Batch(**{**vars(batch), "query": query}), frozenset({"logits"}), true_reference=True)
    (output.logits * torch.rand_like(output.logits)).sum().backward()
    if query.grad is None or not query.grad.abs().sum() > 0:
        raise ContractError("the logits have no gradient to the query")


@check(names_its_parts)
def passes_on_what_its_generator_brings(case: Case) -> None:
    """Phases and, in training, own losses of its generator are passed on; each phase's modules are within the model."""
    model, batch = built(case), case.batch()
    own = list(model.phases())
    for phase in own:
        if not {id(module) for module in phase.modules} <= {id(module) for module in model.modules()}:
            raise ContractError(f"phase {phase.name} moves modules that are not within the model")
    names = [phase.name for phase in own]
    if len(set(names)) < len(names) or "main" in names:
        raise ContractError(f"the phases are called {', '.join(names)}; each needs a name of its own, and none is main")
    generators = [child for child in model.children() if isinstance(child, Generator)]
    for generator in generators:
        missing = [phase.name for phase in generator_phases(generator) if phase.name not in names]
        if missing:
            raise ContractError(f"the generator's phase {missing[0]} is not passed on; see generator_phases")
        _shows_pictures_alone(model, generator, batch)
        model.train()
        torch.manual_seed(0)
        brought = generator.extra_losses(batch.reference_pairs()).keys()
        for wanted in ({"logits"}, {"reference"} & model.config.available_outputs() or {"logits"}):
            lost = brought - model(batch, frozenset(wanted)).extra_losses.keys()
            if lost:
                raise ContractError(
                    f"the generator's own loss {sorted(lost)[0]} is not passed on; see generator_output"
                )
    for part, child in model.named_children():
        if child in generators and part not in case.part.config.parts_with_own_losses():
            raise ContractError(f"parts_with_own_losses() lacks {part}")
    for active in phases_of(model):
        active.enter()
        for term, value in active.loss(batch).items():
            if not isinstance(value, Tensor) or value.dim() or not value.isfinite():
                raise ContractError(f"the term {term} of phase {active.name} is no finite scalar")


def _shows_pictures_alone(model: Model, generator: Generator, batch: Batch) -> None:
    """Raise if a generator in training, or one of its phases, is shown more than `ReferencePairs`."""
    shown: list[type] = []

    def loss(pairs: object) -> Terms:
        shown.append(type(pairs))
        return {}

    def training_step(pairs: ReferencePairs) -> Estimate:
        shown.append(type(pairs))
        return type(generator).training_step(generator, pairs)

    with mock.patch.multiple(
        generator, phases=lambda: [Phase("probe", [generator], loss)], training_step=training_step
    ):
        for phase in model.phases():
            if phase.name == "probe":
                phase.loss(batch)
        torch.manual_seed(0)
        model.train()(batch, frozenset({"logits"}))
    if set(shown) - {ReferencePairs}:
        raise ContractError(
            "the generator is shown the whole batch, labels too; see generator_output, generator_phases"
        )


@check(computes_what_it_offers)
def is_stored_completely(case: Case) -> None:
    """Saved and loaded as a run does it, it gives the same answers."""
    model, batch = warm(case, steps=3), case.batch()
    with tempfile.TemporaryDirectory() as folder:
        save_model(Path(folder), model, case.part, case.context)
        loaded = load_model(Path(folder), case.registry).model
    if not torch.allclose(logits_of(model, batch), logits_of(loaded, batch), atol=1e-6):
        raise ContractError("a loaded model answers otherwise; keep all state in parameters and buffers")


@check(is_stored_completely)
def resumes_exactly(case: Case) -> None:
    """Training that goes on from weights and optimizers equals one that was not interrupted, bit for bit."""
    batches = [case.batch(seed=step) for step in range(4)]
    whole, first, second = built(case), built(case), built(case, seed=1)
    train(whole, phases_of(whole), batches)
    phases = phases_of(first)
    train(first, phases, batches[:2])
    second.load_state_dict(first.state_dict())
    resumed = phases_of(second)
    for after, before in zip(resumed, phases, strict=True):
        after.optimizer.load_state_dict(before.optimizer.state_dict())
    train(second, resumed, batches[2:], first=2)
    for name, value in whole.state_dict().items():
        if not torch.equal(value, second.state_dict()[name]):
            raise ContractError(f"a resumed training and a whole one differ in {name}; keep all state in buffers")


@check(computes_what_it_offers)
def is_copied_completely(case: Case) -> None:
    """A deep copy, as the moving average makes one, answers the same, and stays as it is when the model is trained."""
    model, batch = warm(case), case.batch()
    copy = deepcopy(model)
    before = logits_of(copy, batch)
    if not torch.equal(before, logits_of(model, batch)):
        raise ContractError("a deep copy answers otherwise")
    train(model, phases_of(model, learning_rate=0.05), [case.batch(seed=7)])
    if is_fitted(model):
        fit(model, [case.batch(8, seed=30)])
    if not torch.equal(before, logits_of(copy, batch)):
        raise ContractError("a deep copy changed when the model was trained; they share something")


@check(computes_what_it_offers)
def survives_half_precision(case: Case) -> None:
    """Under bf16 autocast the logits are finite, and nearly the same."""
    model, batch = warm(case), case.batch()
    whole = logits_of(model, batch)
    with torch.autocast("cpu", torch.bfloat16):
        half = logits_of(model, batch).float()
    if not half.isfinite().all() or (half - whole).abs().max() > 0.3 * whole.abs().max() + 0.1:
        raise ContractError("under bf16 the logits are not finite, or far from those in float32")


@check(computes_what_it_offers)
def follows_its_device(case: Case) -> None:
    """Moved to another device (`meta`), it makes no tensor elsewhere."""
    model, batch = warm(case), case.batch()
    meta = deepcopy(model).to("meta").eval()
    try:
        logits = meta(batch.to(torch.device("meta")), frozenset({"logits"})).logits
    except Exception as error:
        copied = "Cannot copy out of meta tensor" in str(error) and has_gradient_to_query(model, batch)
        if copied or ("device" in str(error) and "meta tensor" not in str(error)):
            raise ContractError(f"on another device: {error}; make tensors where the input is") from error
        if not has_gradient_to_query(model, batch):
            raise DoesNotApply(f"it needs values, which tensors on meta have not: {type(error).__name__}") from error
        logits = _on_pretended_device(model, batch)
    if logits.device.type != "meta":
        raise ContractError(f"the logits are on {logits.device} when model and faces are elsewhere")


def _on_pretended_device(model: Model, batch: Batch) -> Tensor:
    """What a model that chooses by values answers where tensors hold some."""
    there = Batch(**{name: Elsewhere(value) for name, value in vars(batch).items()})
    with PretendDevice(), torch.no_grad():
        logits: Tensor = send(deepcopy(model).eval())(there, frozenset({"logits"})).logits
    return logits


def has_gradient_to_query(model: Model, batch: Batch) -> bool:
    """Whether the logits are computed from the query by torch alone."""
    query = batch.query.clone().requires_grad_()
    try:
        logits = model.eval()(replace(batch, query=query), frozenset({"logits"})).logits
    except RuntimeError:  # what was fitted in inference mode takes part in no gradient
        return False
    return bool(logits.requires_grad) and torch.autograd.grad(logits.sum(), query, allow_unused=True)[0] is not None


@check(computes_what_it_offers)
def learns_sixteen_images(case: Case) -> None:
    """Trained or fitted on 16 images, it recognizes at least 80 % of them; its logits are no probabilities."""
    batches = [_shown(case, case.batch(16, seed=40))]
    model = built(case)
    before = _accuracy(model, batches)
    phases = phases_of(model, learning_rate=3e-3)
    for number in range(ROUNDS if phases else 1):
        train(model, phases, batches * STEPS, first=STEPS * number)
        if is_fitted(model):
            fit(model, batches)
        if _accuracy(model, batches) >= max(LEARNED, before):
            break
    after = _accuracy(model, batches)
    if after < LEARNED or after < before:
        raise ContractError(f"it recognizes {after:.0%} of 16 images that it was trained on, {before:.0%} before")
    logits = logits_of(model, batches[0])
    if phases and not is_fitted(model) and logits.min() >= 0 and logits.max() <= 1:
        raise ContractError("all logits are between 0 and 1 after training; return logits, not probabilities")


def _shown(case: Case, batch: Batch) -> Batch:
    """A batch in which everybody has a true reference and, for a model that uses them, an album to learn from."""
    others = batch.query.mean(0, keepdim=True).expand_as(batch.query)
    everybody = torch.ones_like(batch.has_true_reference)
    batch = replace(batch, true_reference=others, has_true_reference=everybody)
    if case.part.config.uses_album():
        batch = replace(batch, album=others[:, None], has_album=everybody[:, None])
    return batch


def _accuracy(model: Model, batches: Sequence[Batch]) -> float:
    right = [logits_of(model, batch).argmax(dim=1) == batch.label for batch in batches]
    return float(torch.cat(right).float().mean())


@check(learns_sixteen_images)
def is_fitted_anew(case: Case) -> None:
    """`fit` changes the answers, gives the same again, and leaves alone what stages train, and the mode."""
    model, batches = warm(case), [case.batch(8, seed=50), case.batch(8, seed=51)]
    if not is_fitted(model):
        raise DoesNotApply("it has no fit of its own")
    weights = {name: weight.clone() for name, weight in model.named_parameters()}
    before = logits_of(model, batches[0])
    fit(model, batches)
    if any(module.training for module in model.modules()):
        raise ContractError("fit leaves the model in training mode")
    first = logits_of(model, batches[0])
    if torch.equal(before, first):
        raise ContractError("fit changed no answer")
    for name, weight in model.named_parameters():
        if not torch.equal(weight, weights[name]):
            raise ContractError(f"fit changed {name}, which stages train")
    fit(model, batches)
    if not torch.allclose(first, logits_of(model, batches[0]), atol=1e-5):
        raise ContractError("fitted to the same samples again, it answers otherwise; begin from nothing")


CHECKS = (
    gradients_reach_every_weight, gradients_reach_the_query, passes_on_what_its_generator_brings, is_stored_completely,
    resumes_exactly, is_copied_completely, survives_half_precision, follows_its_device, learns_sixteen_images,
    is_fitted_anew,
)  # fmt: skip
