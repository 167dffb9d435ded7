"""Promises of a generator: how it is trained, stored and resumed."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.training import GeneratorAlone, estimate, phases_of, train, warm
from gcnet_core.training.phases import ActivePhase


@check()
def gradients_reach_their_phase(case: Case) -> None:
    """Within a few steps every parameter of a phase gets a gradient, and is moved by one phase alone."""
    model = GeneratorAlone(case)
    phases = phases_of(model)
    owners = _owners(phases)
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


def _owners(phases: Sequence[ActivePhase]) -> dict[int, str]:
    """By the id of each parameter, the one phase that moves it."""
    owners: dict[int, str] = {}
    for phase in phases:
        for weight in phase.parameters:
            owner = owners.setdefault(id(weight), phase.name)
            if owner != phase.name:
                raise ContractError(f"a parameter belongs to the phases {owner} and {phase.name}")
    return owners


@check()
def phases_move_nothing_else(case: Case) -> None:
    """A phase changes neither weights nor statistics outside its modules."""
    model = GeneratorAlone(case)
    for phase in phases_of(model, learning_rate=0.05):
        weights = {id(weight) for weight in phase.parameters}
        statistics = _buffers(phase.modules) - _buffers(phase.resting)
        own = weights | statistics
        before = {name: tensor.clone() for name, tensor in _tensors(model) if id(tensor) not in own}
        train(model, [phase], [case.batch()])
        model.requires_grad_(True)
        after = dict(_tensors(model))
        for name, tensor in before.items():
            if not torch.equal(tensor, after[name]):
                raise ContractError(f"phase {phase.name} changed {name}, which is not its own")


def _buffers(modules: Sequence[nn.Module]) -> set[int]:
    return {id(tensor) for module in modules for tensor in module.buffers()}


def _tensors(model: nn.Module) -> list[tuple[str, Tensor]]:
    return [*model.named_parameters(), *model.named_buffers()]


@check()
def repeats_its_training(case: Case) -> None:
    """Training twice under one seed gives the same weights bit for bit."""
    compare(warm(case, 3), warm(case, 3), "two trainings under one seed")


@check()
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


@check()
def resumes_exactly(case: Case) -> None:
    """Training that is interrupted and goes on from weights and optimisers equals one that was not."""
    batches = [case.batch(seed=step) for step in range(4)]
    whole = GeneratorAlone(case)
    train(whole, phases_of(whole), batches)
    first = GeneratorAlone(case)
    phases = phases_of(first)
    train(first, phases, batches[:2])
    second = GeneratorAlone(case, seed=1)
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


@check()
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


@check()
def compiles_to_the_same(case: Case) -> None:
    """Compiled by torch, it gives the same estimate and loss as before."""
    model, batch = warm(case), case.batch()
    eager = estimate(model.generator, batch.query)
    main = phases_of(model.requires_grad_(True))[0]

    def total() -> Tensor:
        main.enter()
        torch.manual_seed(0)
        return torch.stack(list(main.loss(batch).values())).sum()

    loss = total()
    torch.compiler.reset()
    try:
        model.generator.compile(backend="aot_eager")  # captured whole, but run without generating code: quick
        compiled, compiled_loss = estimate(model.generator, batch.query), total()
        compiled_loss.backward()
    finally:
        torch.compiler.reset()
    if not torch.allclose(eager, compiled, atol=1e-3) or not torch.allclose(loss, compiled_loss, rtol=1e-2):
        raise ContractError("compiled, it computes something else; have no effect beside what is returned")


@check()
def learns_sixteen_images(case: Case) -> None:
    """Trained on 16 images, its error falls clearly: below 0.7 of that of its first weights, or of the copy."""
    batch = case.batch(16)
    model = GeneratorAlone(case)

    def error(reference: Tensor) -> float:
        return float((reference - batch.reference)[batch.has_reference].square().mean())

    first = error(estimate(model.generator, batch.query))
    train(model, phases_of(model, learning_rate=3e-3), [batch] * 60)
    last = error(estimate(model.generator, batch.query))
    if not last < 0.7 * first:
        raise ContractError(f"squared error {last:.5f} after 60 steps on the same images, {first:.5f} before")


CHECKS = (
    gradients_reach_their_phase, phases_move_nothing_else, repeats_its_training, is_stored_completely, resumes_exactly,
    survives_half_precision, compiles_to_the_same, learns_sixteen_images,
)  # fmt: skip
