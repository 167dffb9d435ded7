"""Promises of a generator: how it is stored, resumed and copied."""

import tempfile
from copy import deepcopy
from pathlib import Path

import safetensors.torch

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import built_anew, same
from gcnet_core.testing.generators.estimates import repeats_its_estimate
from gcnet_core.testing.generators.learning import compare, repeats_its_training
from gcnet_core.testing.generators.training import GeneratorAlone, estimate, phases_of, train, warm


@check(repeats_its_estimate)
def is_stored_completely(case: Case) -> None:
    """Saved by safetensors and loaded into a new part, it gives the same estimates; tied weights included."""
    model, query = warm(case, 3), case.batch().query
    fresh = case.build(seed=1, initial_weights=False)
    first, last = (
        {name: value.shape for name, value in part.state_dict().items()} for part in (fresh, model.generator)
    )
    if first != last:
        changed = sorted(name for name in first.keys() | last.keys() if first.get(name) != last.get(name))
        raise ContractError(f"a new part and a trained one differ in {changed[0]}; make all weights in the constructor")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "weights.safetensors")
        safetensors.torch.save_model(model.generator, path)
        safetensors.torch.load_model(fresh, path)
    if not same(estimate(model.generator, query), estimate(fresh, query)):
        raise ContractError("a loaded part estimates otherwise; keep all state in parameters and buffers")
    anew = built_anew(case, seed=2)
    anew.load_state_dict(model.generator.state_dict())
    if not same(estimate(model.generator, query), estimate(anew, query)):
        raise ContractError(
            "where its module is imported anew it estimates otherwise; draw nothing while it is imported"
        )


@check(repeats_its_training, is_stored_completely)
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


@check(repeats_its_training)
def is_copied_completely(case: Case) -> None:
    """A deep copy, which a moving average is, trains like the original, and neither moves with the other."""
    model, batches = warm(case), [case.batch(seed=step) for step in range(5, 7)]
    copy, state = deepcopy(model), deepcopy(model.state_dict())
    train(copy, phases_of(copy), batches)
    for name, value in model.state_dict().items():
        if not same(value, state[name]):
            raise ContractError(f"training a deep copy moved {name} of the original; keep no module or tensor apart")
    query = case.batch().query
    before = estimate(copy.generator, query)
    train(model, phases_of(model), batches)
    compare(model, copy, "a deep copy that was trained and its original")
    if not same(before, estimate(copy.generator, query)):
        raise ContractError("training the original changed the estimates of its deep copy; keep nothing apart")


CHECKS = (is_stored_completely, resumes_exactly, is_copied_completely)
