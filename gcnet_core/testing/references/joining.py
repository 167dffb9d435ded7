"""Promises of joins: one reference of those candidates that are known, whatever their number, order and kind."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import nn

from gcnet_core.interfaces.boundaries import checked_boundaries
from gcnet_core.plugin_api import JoinConfig
from gcnet_core.testing.case import IN_FEATURES, Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.networks import answers, conduct, keeping
from gcnet_core.testing.networks.answers import ROUNDING, repeats_its_answer, takes_any_batch_size
from gcnet_core.testing.networks.modules import answer, build, close, given, step, warm
from gcnet_core.testing.references.asking import some_candidates

JUNK = (float("nan"), float("inf"), -1e4)
"""What may stand where there is no candidate."""


def _shapes(case: Case) -> tuple[tuple[int, ...], ...]:
    """Of a code, and of a picture."""
    return (IN_FEATURES,), (case.channels, 8, 8)


@check(is_of_its_kind)
def says_whether_it_needs_distances(case: Case) -> None:
    """`needs_generator()` is True or False: whether it weighs candidates by how far they are from rest."""
    config = case.part.config
    if not isinstance(config, JoinConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.JoinConfig")
    if type(config.needs_generator()) is not bool:
        raise ContractError(f"needs_generator() gave {config.needs_generator()!r}; return True or False")


@check(takes_any_batch_size, says_whether_it_needs_distances)
def joins_codes_and_pictures(case: Case) -> None:
    """One to nine codes of 1 to 200 numbers, or pictures, become one such, finite; without distances too."""
    part = warm(case)
    for value in ((1,), (200,), (1, 8, 8), (3, 16, 16)):
        for pictures in (1, 2, 9):
            for count in (1, 7):
                values = some_candidates(value, count, pictures)
                with checked_boundaries((part,), case.batch(1)):
                    for training in (False, True):
                        found = [part.train(training)(*values), part(*values[:3]), part(*values[:3], None)]
                if not all(joined.isfinite().all() for joined in found):
                    raise ContractError(f"{pictures} candidates of shape {value} become something that is not finite")


@check(joins_codes_and_pictures)
def leaves_one_alone_as_it_is(case: Case) -> None:
    """Where one candidate is known the reference is that one, with and without a distance, in both modes."""
    part = warm(case)
    for value in _shapes(case):
        values, _, query, distance = some_candidates(value)
        for place in range(values.shape[1]):
            known = torch.zeros(values.shape[:2], dtype=torch.bool)
            known[:, place] = True
            for far in (distance, 1 + distance, None):
                for training in (False, True):
                    joined = part.train(training)(values, known, query, far).detach()
                    if not close(joined, values[:, place], ROUNDING):
                        raise ContractError(f"of the only candidate, at place {place + 1} of 4, it makes another one")


@check(repeats_its_answer, joins_codes_and_pictures)
def ignores_the_order_of_candidates(case: Case) -> None:
    """Candidates in another order give the same reference, of codes and of pictures."""
    part = warm(case)
    for value in _shapes(case):
        values, known, query, distance = some_candidates(value)
        expected = answer(part, (values, known, query, distance))
        for order in ([3, 2, 1, 0], [1, 3, 0, 2]):
            turned = answer(part, (values[:, order], known[:, order], query, distance[:, order]))
            if not close(turned, expected, ROUNDING):
                raise ContractError("in another order the candidates give another reference; an album has no order")


@check(repeats_its_answer, joins_codes_and_pictures)
def ignores_unknown_places(case: Case) -> None:
    """Whatever stands where no candidate is known, NaN too, and more such places, have no influence."""
    part = warm(case)
    for value in _shapes(case):
        values, known, query, distance = some_candidates(value)
        expected = answer(part, (values, known, query, distance))
        for junk in JUNK:
            spoiled = torch.where(known.reshape(*known.shape, *([1] * len(value))), values, junk)
            far = torch.where(known, distance, junk)
            if not close(answer(part, (spoiled, known, query, far)), expected, ROUNDING):
                raise ContractError(
                    f"{junk} at a place that is not known has an influence; leave such places out by `known`"
                )
        padded = [torch.cat([tensor, torch.zeros_like(tensor)], dim=1) for tensor in (values, known, distance)]
        if not close(answer(part, (padded[0], padded[1], query, padded[2])), expected, ROUNDING):
            raise ContractError(
                "places without a candidate, behind the others, have an influence; count those that are known"
            )


@check(takes_any_batch_size, says_whether_it_needs_distances)
def is_reached_by_gradients(case: Case) -> None:
    """Finite gradients reach each weight that is not frozen, candidates of each query and place, and no unknown one."""
    part = build(case)
    missed = {name for name, weight in part.named_parameters() if weight.requires_grad}
    _, known, _, _ = given(case, 8)
    reached = torch.zeros_like(known)
    for number in range(6):
        values, _, query, distance = given(case, 8, seed=number)
        values = (values + 0.1).requires_grad_()
        step(case, part, (values, known, query, distance))
        if values.grad is None or not values.grad.isfinite().all():
            raise ContractError("no finite gradient reaches the candidates; detach nothing")
        reached |= values.grad.flatten(2).abs().sum(dim=2) > 0
        for name, weight in part.named_parameters():
            if weight.grad is not None and not weight.grad.isfinite().all():
                raise ContractError(f"the gradient of {name} is not finite")
            if weight.grad is not None and weight.grad.abs().sum() > 0:
                missed.discard(name)
    if missed:
        raise ContractError(
            f"no gradient reaches {', '.join(sorted(missed)[:5])}; use them, freeze them, or remove them"
        )
    if (reached & ~known).any():
        raise ContractError("a gradient reaches a place where no candidate is known")
    if not reached.any(dim=1).all() or not reached.any(dim=0).all():
        raise ContractError("no gradient reaches some candidates in 6 draws; are they used?")


@check(joins_codes_and_pictures, ignores_unknown_places)
def weighs_distances_as_it_says(case: Case) -> None:
    """Distances have an influence if, and only if, `needs_generator()` says that it weighs by them."""
    part, (values, known, query, distance) = warm(case), given(case, 8)
    expected = answer(part, (values, known, query, distance))
    moved = answer(part, (values, known, query, distance.flip(1) * 3 * torch.rand_like(distance) * known))
    weighs, says = not close(expected, moved, ROUNDING), case.part.config.needs_generator()
    if weighs and not says:
        raise ContractError("distances have an influence; let `needs_generator` of its options return True")
    if says and not weighs:
        raise ContractError("distances have no influence, though `needs_generator` asks for them")


@check(joins_codes_and_pictures)
def stays_finite_for_all_candidates(case: Case) -> None:
    """Equal candidates, zeros, very short and long codes, and any distances give finite answers and gradients."""
    part = warm(case)
    for what, (values, *others) in _edges():
        for training in (False, True):
            part.zero_grad()
            leaf = values.clone().requires_grad_()
            joined = part.train(training)(leaf, *others)
            joined.square().mean().backward()
            slopes = [leaf.grad, *(weight.grad for weight in part.parameters() if weight.grad is not None)]
            if not joined.isfinite().all():
                raise ContractError(f"{what} give an answer that is not finite")
            if not all(slope is None or slope.isfinite().all() for slope in slopes):
                raise ContractError(
                    f"{what} give a gradient that is not finite; add an epsilon under roots and divisors"
                )


def _edges() -> Iterator[tuple[str, tuple[Any, ...]]]:
    values, known, query, distance = some_candidates((IN_FEATURES,))
    yield "candidates that are zeros", (torch.zeros_like(values), known, query, distance)
    yield "zeros of a query of zeros", (torch.zeros_like(values), known, torch.zeros_like(query), distance)
    yield "candidates that are the query", (query[:, None].expand_as(values), known, query, distance)
    for length in (1e-4, 1000.0):
        long = [length * nn.functional.normalize(code, dim=-1) for code in (values, query)]
        yield f"codes of length {length:g}", (long[0], known, long[1], distance)
    for far in (0.0, 1e-8, 1.0):
        yield f"distances of {far:g}", (values, known, query, torch.full_like(distance, far) * known)
    huge = torch.where(torch.arange(4) == 0, 1.0, 1e-6).expand_as(distance)
    yield "distances that differ by a million", (values, known, query, huge * known)


SHARED = tuple(
    shared
    for shared in answers.CHECKS
    if shared.name != "reaches_weights_and_inputs"  # `known` takes no gradient
)
CHECKS = (
    says_whether_it_needs_distances, *SHARED, joins_codes_and_pictures, leaves_one_alone_as_it_is,
    ignores_the_order_of_candidates, ignores_unknown_places, is_reached_by_gradients, weighs_distances_as_it_says,
    stays_finite_for_all_candidates, *conduct.CHECKS, *keeping.CHECKS,
)  # fmt: skip
