"""Promises of a generator: what its estimates depend on, and that training runs at all."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import replace
from unittest import mock

import torch
from torch import Tensor

from gcnet_core.interfaces import Batch
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import same
from gcnet_core.testing.generators.pictures import close, refuse_wrong_pictures
from gcnet_core.testing.generators.terms import estimates_while_it_trains
from gcnet_core.testing.generators.training import GeneratorAlone, entered, estimate, phases_of, train, warm


@check(estimates_while_it_trains)
def takes_any_batch_size(case: Case) -> None:
    """Batches of any size, one too, train and estimate; training goes on after an estimate."""
    model = GeneratorAlone(case)
    phases = phases_of(model)
    for step, count in enumerate((8, 3, 2)):
        train(model, phases, [case.batch(count)], first=step)
        query = case.batch(count + 2).query
        refuse_wrong_pictures(estimate(model.generator, query), query, f"of {count + 2} queries the estimate")
    alone = case.batch(1).query
    refuse_wrong_pictures(estimate(model.generator, alone), alone, "of a batch of one the estimate")
    try:
        train(model, phases, [case.batch(1)], first=3)
    except ValueError as error:  # batch norm refuses one value for each channel, and the trainer makes no such batch
        if "more than 1 value per channel" not in str(error):
            raise


@check(takes_any_batch_size)
def repeats_its_estimate(case: Case) -> None:
    """In eval mode two estimates of one query are equal bit for bit, under whatever seed and at whatever time."""
    model, query = warm(case), case.batch().query
    first = estimate(model.generator, query)
    with later():
        second = estimate(model.generator, query)
    if not same(first, second):
        raise ContractError("two estimates of one query differ; draw from torch's default generator, in training alone")
    torch.manual_seed(0)
    if not close(first, model.generator.eval()(query).detach()):
        raise ContractError("the estimate is another where gradients are computed; it must not depend on that")
    if "stochastic" not in case.tags and not same(first, estimate(model.generator, query, seed=1)):
        raise ContractError(
            "under another seed the estimate differs; draw nothing in eval mode, or give its config the tag stochastic"
        )


@contextmanager
def later() -> Iterator[None]:
    """While it lasts, all clocks of `time` are ahead by some days, hours, minutes and seconds."""
    ahead = 277_777.77
    with ExitStack() as stack:
        for name in ("time", "monotonic", "perf_counter", "process_time"):
            clock, clock_ns = getattr(time, name), getattr(time, f"{name}_ns")
            stack.enter_context(mock.patch(f"time.{name}", lambda clock=clock: clock() + ahead))
            stack.enter_context(mock.patch(f"time.{name}_ns", lambda clock=clock_ns: clock() + int(ahead * 1e9)))
        yield


@check(repeats_its_estimate, tags=("deterministic",))
def ignores_other_samples(case: Case) -> None:
    """In eval mode no estimate depends on the other samples of its batch, nor on their order or number."""
    model, query = warm(case, steps=4), case.batch().query
    whole = estimate(model.generator, query)
    alone = torch.cat([estimate(model.generator, one) for one in query.split(1)])
    backwards = estimate(model.generator, query.flip(0)).flip(0)
    few = torch.cat([estimate(model.generator, some) for some in query.split(4)])
    beside = torch.cat([estimate(model.generator, torch.cat([1 - query, one]))[-1:] for one in query.split(1)])
    ways = {"alone": alone, "in another order": backwards, "in smaller batches": few, "beside others": beside}
    for how, other in ways.items():
        if not close(whole, other):
            raise ContractError(f"{how}, a sample is estimated otherwise; is there a norm over the batch?")


@check(repeats_its_estimate)
def remembers_no_batch(case: Case) -> None:
    """In eval mode an estimate is the same after other estimates, and no weight or statistic moves."""
    model, query = warm(case), case.batch().query
    state = {name: value.clone() for name, value in model.state_dict().items()}
    first = estimate(model.generator, query)
    for number in range(12):
        estimate(model.generator, case.batch(1 + number % 6, seed=50 + number).query)
        if not close(first, estimate(model.generator, query)):
            raise ContractError(
                "after other estimates the estimate of a query is another; keep nothing between batches"
            )
    for name, value in model.state_dict().items():
        if not same(value, state[name]):
            raise ContractError(f"an estimate in eval mode changed {name}; move statistics in training mode alone")


@check(repeats_its_estimate)
def forgets_references(case: Case) -> None:
    """The estimate of a query does not depend on the reference that was shown with it before."""
    batch, others = case.batch(), case.batch(seed=9)
    everybody = torch.ones_like(batch.has_reference)
    shown = [replace(batch, reference=reference, has_reference=everybody) for reference in (batch.query, others.query)]
    registered, remembered = ([_after_showing(case, one, registered) for one in shown] for registered in (False, True))
    if not close(*registered):
        raise ContractError("the estimate depends on the reference shown in training; keep nothing of it")
    distance = [
        float((estimated - one.reference).abs().mean()) for estimated, one in zip(remembered, shown, strict=True)
    ]
    crossed = [
        float((estimated - one.reference).abs().mean()) for estimated, one in zip(remembered, shown[::-1], strict=True)
    ]
    if sum(distance) < 0.5 * sum(crossed):
        raise ContractError("the estimate is the reference that was shown in training; keep nothing of it")


def _after_showing(case: Case, batch: Batch, registered: bool) -> Tensor:
    """The estimate after every phase saw a batch without a step; registered statistics are kept or put back."""
    model = warm(case)
    state = deepcopy(model.state_dict())
    for phase in entered(model):
        torch.manual_seed(0)
        phase.loss(batch)
    if not registered:
        model.load_state_dict(state)
    return estimate(model.generator, batch.query)


@check(repeats_its_estimate)
def looks_at_the_query(case: Case) -> None:
    """Different faces have different estimates."""
    model, query = warm(case, steps=10), case.batch().query
    reference = estimate(model.generator, query)
    if (reference - reference[:1]).abs().max() < 1e-4 * max(1e-9, float((query - query[:1]).abs().max())):
        raise ContractError("all faces have the same estimate; it does not depend on the query")


CHECKS = (
    takes_any_batch_size, repeats_its_estimate, ignores_other_samples, remembers_no_batch, forgets_references,
    looks_at_the_query,
)  # fmt: skip
