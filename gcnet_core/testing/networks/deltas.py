"""Promises of differences: they see both codes, and keep the symmetry that they claim."""

import torch
from torch import nn

from gcnet_core.testing.case import IN_FEATURES, Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.networks import answers, conduct, keeping
from gcnet_core.testing.networks.answers import check_answer, repeats_its_answer, takes_any_batch_size, width_of
from gcnet_core.testing.networks.modules import answer, build, close, given, warm


@check(takes_any_batch_size)
def says_its_widths(case: Case) -> None:
    """`width` and `difference_width` are right for codes of 1, 12 and 200 numbers, and known once it is built."""
    for in_features in (1, IN_FEATURES, 200):
        part = build(case, in_features=in_features)
        width, difference = width_of(part), width_of(part, "difference_width")
        if difference > width:
            raise ContractError(f"difference_width is {difference}, more than the width of {width}")
        check_answer(case, part, part.train()(*given(case, 4, in_features=in_features)), 4)
        check_answer(case, part, answer(part, given(case, 3, in_features=in_features)), 3)
        if (width_of(part), width_of(part, "difference_width")) != (width, difference):
            raise ContractError("its widths changed when it was called; other parts were built for them")


@check(repeats_its_answer, says_its_widths)
def uses_both_codes(case: Case) -> None:
    """The first `difference_width` numbers change with the query's code and with the reference's, for each sample."""
    part = warm(case)
    query, reference = given(case, 5)
    whole = _difference(part, query, reference)
    other = given(case, 5, seed=3)[0]
    for name, changed in (("query", (other, reference)), ("reference", (query, other))):
        if not ((_difference(part, *changed) - whole).norm(dim=1) > 1e-5 * whole.norm(dim=1)).all():
            raise ContractError(f"the difference does not depend on the code of the {name}")


@check(repeats_its_answer, says_its_widths)
def tells_nothing_where_codes_are_equal(case: Case) -> None:
    """If each number compares one number of both codes, equal codes give the same difference whatever they are."""
    part = build(case).eval()
    query, reference = (code.clone().requires_grad_() for code in given(case, 2))
    difference = part(query, reference)[:, : part.difference_width]
    if difference.shape != query.shape or not difference.requires_grad:
        raise DoesNotApply("it mixes the numbers of a code")
    for number in range(query.shape[1]):
        for slope in torch.autograd.grad(difference[:, number].sum(), (query, reference), retain_graph=True):
            slope[:, number] = 0
            if slope.any():
                raise DoesNotApply("it mixes the numbers of a code")
    codes = given(case, 6)[0]
    at_rest, moved = _difference(part, codes, codes), _difference(part, *given(case, 6))
    if not (at_rest - at_rest[0]).norm() <= 1e-4 * (moved - moved[0]).norm():
        raise ContractError("the difference of a code from itself depends on the code; is it a sum or a product?")


@check(repeats_its_answer, says_its_widths)
def keeps_its_symmetry(case: Case) -> None:
    """Exchanging query and reference turns the sign of the difference, or nothing, as its `symmetry` promises."""
    part = warm(case)
    symmetry = getattr(part, "symmetry", None)
    if symmetry is None:
        raise DoesNotApply("it promises no symmetry")
    if symmetry not in ("antisymmetric", "symmetric"):
        raise ContractError(f"symmetry is {symmetry!r} instead of antisymmetric, symmetric or None")
    query, reference = given(case, 5)
    sign = -1 if symmetry == "antisymmetric" else 1
    if not close(sign * _difference(part, reference, query), _difference(part, query, reference)):
        raise ContractError(f"it is said to be {symmetry}, and is not")


@check(takes_any_batch_size)
def takes_equal_codes(case: Case) -> None:
    """Where both codes are equal, or zero, answers and gradients are finite."""
    part = warm(case)
    for scale in (1.0, 0.0):
        query = (scale * given(case, 4)[0]).requires_grad_()
        reference = query.detach().clone().requires_grad_()
        for mode in (False, True):
            result = part.train(mode)(query, reference)
            check_answer(case, part, result, 4)
            result.square().mean().backward()
            result = part(query, reference)
            result.sum().backward()
        if not all(code.grad is not None and code.grad.isfinite().all() for code in (query, reference)):
            raise ContractError("the gradient is not finite where both codes are equal; add an epsilon under roots")


def _difference(part: nn.Module, query: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    return answer(part, (query, reference))[:, : width_of(part, "difference_width")]


CHECKS = (
    *answers.CHECKS, says_its_widths, uses_both_codes, tells_nothing_where_codes_are_equal, keeps_its_symmetry,
    takes_equal_codes, *conduct.CHECKS, *keeping.CHECKS,
)  # fmt: skip
