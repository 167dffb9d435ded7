"""Promises of a generator: the same in other memory formats, on another device, in half precision, compiled."""

from copy import deepcopy

import torch
from torch import Tensor

from gcnet_core.interfaces import ReferencePairs
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.pretend_device import ELSEWHERE, Elsewhere, PretendDevice, send
from gcnet_core.testing.generators.estimates import repeats_its_estimate, takes_any_batch_size
from gcnet_core.testing.generators.pictures import close
from gcnet_core.testing.generators.training import entered, estimate, phases_of, warm
from gcnet_core.training.resources import lay_out

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}


@check(takes_any_batch_size)
def survives_half_precision(case: Case) -> None:
    """Under autocast to bf16 and fp16, estimates are finite and in range, terms and gradients are finite."""
    model, batch = warm(case), case.batch()
    for name, dtype in HALVES.items():
        for phase in entered(model):
            with torch.autocast(case.device.type, dtype):
                terms = phase.loss(batch)
            phase.optimizer.zero_grad()
            torch.stack([value.float() for value in terms.values()]).sum().backward()
            gradients = [weight.grad for weight in phase.parameters if weight.grad is not None]
            if not all(value.isfinite() for value in (*terms.values(), *(each.sum() for each in gradients))):
                raise ContractError(f"a gradient or a term of phase {phase.name} is not finite under {name}")
        with torch.autocast(case.device.type, dtype):
            reference = estimate(model.generator, batch.query).float()
        if not reference.isfinite().all() or reference.min() < -0.01 or reference.max() > 1.01:
            raise ContractError(f"the estimate leaves [0, 1] under {name}")


@check(repeats_its_estimate)
def takes_other_memory_formats(case: Case) -> None:
    """In channels-last format, and for pictures cut from a larger tensor, it trains and estimates the same."""
    model, batch = warm(case), case.batch()
    query = batch.query
    before = estimate(model.generator, query)
    wide = torch.cat([query, query], dim=3)[..., : query.shape[3]]
    if not close(before, estimate(model.generator, wide)):
        raise ContractError("pictures that are a part of a larger tensor have another estimate")
    lay_out(model, torch.channels_last)
    other = batch.to(case.device, torch.channels_last)
    if not close(before, estimate(model.generator, other.query)):
        raise ContractError("in channels-last format the estimate is another")
    for phase in entered(model):
        state, totals = deepcopy(model.state_dict()), []
        for chosen in (batch, other):
            model.load_state_dict(state)
            torch.manual_seed(0)
            totals.append(torch.stack(list(phase.loss(chosen).values())).sum())
            totals[-1].backward()
            phase.optimizer.zero_grad()
        if not torch.allclose(totals[0], totals[1], rtol=1e-2, atol=1e-4):
            raise ContractError(f"in channels-last format phase {phase.name} has another loss")


@check(repeats_its_estimate)
def computes_where_its_query_is(case: Case) -> None:
    """Moved to another device, it trains and estimates there: it keeps no tensor on the CPU and names no device."""
    model, batch = warm(case), case.batch()
    before = estimate(model.generator, batch.query).cpu()
    send(model.to("cpu"))
    query, reference = (Elsewhere(images) for images in (batch.query.cpu(), batch.reference.cpu()))
    pairs = ReferencePairs(query, reference, Elsewhere(batch.has_reference.cpu()))
    with PretendDevice():
        torch.manual_seed(0)
        estimated = model.generator.eval()(query).detach()
        if estimated.device != ELSEWHERE:
            raise ContractError("the estimate is on another device than the query; leave it where the query is")
        terms = dict(model.generator.train().training_step(pairs).extra_losses)
        for phase in model.generator.phases():
            terms |= phase.loss(pairs)
    for name, value in terms.items():
        if value.device != ELSEWHERE:
            raise ContractError(f"the term {name} is on another device than the query")
    if not close(before, estimated.held):
        raise ContractError("on another device the estimate is another")


@check(takes_any_batch_size)
def compiles_to_the_same(case: Case) -> None:
    """Compiled by torch, it gives the same estimate as before and, where nothing is drawn at random, the same loss."""
    model, batch = warm(case), case.batch()
    state, main = deepcopy(model.state_dict()), phases_of(model)[0]

    def total(seed: int = 0) -> Tensor:
        model.load_state_dict(state)  # a norm moves its statistics
        main.enter()
        torch.manual_seed(seed)
        return torch.stack(list(main.loss(batch).values())).sum()

    eager, loss = estimate(model.generator, batch.query), total()
    drawn = bool(loss != total(seed=1))  # compiled code may draw other numbers
    torch.compiler.reset()
    try:
        model.generator.compile(backend="aot_eager")  # captured whole, but run without generating code: quick
        compiled_loss = total()
        compiled_loss.backward()
        model.load_state_dict(state)
        compiled = estimate(model.generator, batch.query)
    finally:
        torch.compiler.reset()
    if not torch.allclose(eager, compiled, atol=1e-3) or not (drawn or torch.allclose(loss, compiled_loss, rtol=1e-2)):
        raise ContractError("compiled, it computes something else; have no effect beside what is returned")


CHECKS = (
    survives_half_precision, takes_other_memory_formats, computes_where_its_query_is, compiles_to_the_same,
)  # fmt: skip
