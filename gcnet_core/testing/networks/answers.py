"""Promises of what an encoder, delta, classifier or decoder answers: shape, and on what it may depend."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from gcnet_core.testing.case import CLASSES, IN_FEATURES, Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.networks.conduct import leaves_everything_else_alone
from gcnet_core.testing.networks.modules import answer, build, changed, close, given, step, take, warm
from gcnet_core.training.resources import lay_out

ALONE_WITH_A_NORM = "more than 1 value per channel"
"""How torch refuses a batch of one in training; the trainer makes batches of nearly equal size for that reason."""

ROUNDING = 5e-4
"""How far answers may differ where products are summed in another order; what a sample sees of others is larger."""


def width_of(part: nn.Module, name: str = "width") -> int:
    """A width that a part declares.

    Raises:
        ContractError: if it is no whole number of at least 1.
    """
    width = getattr(part, name, None)
    if not isinstance(width, int) or isinstance(width, bool) or width < 1:
        raise ContractError(f"{name} is {width!r}; set self.{name} to a whole number of at least 1 in the constructor")
    return width


def check_answer(case: Case, part: nn.Module, result: Tensor, count: int, classes: int = len(CLASSES)) -> None:
    """Raise unless an answer has the shape of its kind and is finite float32."""
    shapes = {
        "classifier": lambda: (count, classes),
        "decoder": lambda: (count, case.channels, case.size, case.size),
        "join": lambda: (count, IN_FEATURES),
    }
    shape = shapes[case.kind]() if case.kind in shapes else (count, width_of(part))
    if not isinstance(result, Tensor):
        raise ContractError(f"forward returned {type(result).__name__} instead of a tensor")
    if tuple(result.shape) != shape:
        raise ContractError(f"a batch of {count} gave the shape {tuple(result.shape)} instead of {shape}")
    if result.dtype != torch.float32:
        raise ContractError(f"float32 became {str(result.dtype).removeprefix('torch.')}")
    if not result.isfinite().all():
        raise ContractError("an answer is not finite")


@check(leaves_everything_else_alone)
def takes_any_batch_size(case: Case) -> None:
    """Batches of 1 to 130 give finite float32 answers of the promised shape, in both modes; a norm may refuse 1."""
    part = build(case)
    for count in (5, 2, 1):
        values = given(case, count)
        check_answer(case, part.eval(), part(*values), count)
        try:
            check_answer(case, part.train(), part(*values), count)
        except ValueError as error:
            if count > 1 or ALONE_WITH_A_NORM not in str(error):
                raise
    check_answer(case, part, answer(part, given(case, 5, seed=1)), 5)  # with the statistics of those batches
    check_answer(case, part, answer(part, given(case, 130)), 130)
    with torch.inference_mode():
        check_answer(case, part, part.eval()(*given(case, 3)), 3)


@check(takes_any_batch_size, tags=["deterministic"])
def repeats_its_answer(case: Case) -> None:
    """In eval mode the same input gives the same answer, whatever else was answered in between; no state moves."""
    part, values = warm(case), given(case, 4)
    given_away = answer(part, values)
    first = given_away.clone()
    if not torch.equal(first, answer(part, values)):
        raise ContractError("two answers to one input differ in eval mode; draw random numbers only if self.training")
    answer(part, given(case, 4, seed=5))
    answer(part, given(case, 7, seed=6))
    if not torch.equal(first, given_away):
        raise ContractError("an answer changed after the next one was given; give each a tensor of its own")
    _keeps_its_state(part, values)
    if not torch.equal(first, answer(part, values)):
        raise ContractError("an answer changed after other inputs were seen in eval mode; remember none of them")


def _keeps_its_state(part: nn.Module, values: tuple[Tensor, ...]) -> None:
    """Raise if an answer in evaluation mode moves statistics or draws random numbers."""
    state, random = deepcopy(part.state_dict()), torch.random.get_rng_state()
    answer(part, values)
    if not torch.equal(random, torch.random.get_rng_state()):
        raise ContractError("it draws or seeds random numbers in eval mode; do so only if self.training")
    moved = [name for name, tensor in part.state_dict().items() if not torch.equal(tensor, state[name])]
    if moved:
        raise ContractError(f"{moved[0]} changed in eval mode; change statistics only if self.training")


@check(repeats_its_answer, tags=["deterministic"])
def ignores_other_samples(case: Case) -> None:
    """In eval mode the answer to each sample is the same in any company, order and number; of color images too."""
    for channels in (1, 3) if case.kind in ("encoder", "decoder") else (case.channels,):
        _compare_with_others(case.with_channels(channels))


def _compare_with_others(case: Case) -> None:
    part, values = warm(case), given(case, 6)
    whole = answer(part, values)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    for row in range(6):
        if not close(answer(part, take(values, slice(row, row + 1))), whole[row : row + 1], ROUNDING):
            raise ContractError(f"sample {row + 1} of 6 gets another answer alone; is there a norm over the batch?")
    if not close(answer(part, take(values, order)), whole[order], ROUNDING):
        raise ContractError("answers changed with the order of the samples")
    others = given(case, 6, seed=9)
    mixed = tuple(torch.cat([value[:2], other, value[2:]]) for value, other in zip(values, others, strict=True))
    if not close(torch.cat([(found := answer(part, mixed))[:2], found[8:]]), whole, ROUNDING):
        raise ContractError("answers changed with the other samples of the batch; is there a norm over the batch?")


@check(repeats_its_answer)
def tells_inputs_apart(case: Case) -> None:
    """Different inputs give different answers: they differ by more than a thousandth of their size."""
    if not max(spread(part, given(case, 8)) for part in (build(case), warm(case))) > 1e-3:
        raise ContractError("answers to different inputs are all alike")


def spread(part: nn.Module, values: tuple[Tensor, ...]) -> float:
    """How much the answers to some samples differ, relative to their size."""
    result = answer(part, values)
    return float((result - result.mean(dim=0)).norm() / result.norm().clamp(min=1e-9))


@check(repeats_its_answer)
def takes_any_memory_layout(case: Case) -> None:
    """Inputs in another memory layout, color images in channels_last, give the same answer."""
    case = case.with_channels(3)
    part, values = warm(case), given(case, 5)
    expected = answer(part, values)

    def laid_out(tensor: Tensor) -> Tensor:
        if tensor.dim() == 4:
            return tensor.contiguous(memory_format=torch.channels_last)
        return tensor.mT.contiguous().mT

    if not close(answer(part, changed(values, laid_out)), expected, 1e-3):
        raise ContractError("another memory layout gives another answer; use `reshape` or `flatten`, and no strides")
    lay_out(part, torch.channels_last)
    if not close(answer(part, changed(values, laid_out)), expected, 1e-3):
        raise ContractError("with weights in channels_last it gives another answer")


@check(takes_any_batch_size)
def reaches_weights_and_inputs(case: Case) -> None:
    """Gradients are finite, and reach each weight that is not frozen, each sample, each of its channels or numbers."""
    part = build(case)
    missed = {name for name, weight in part.named_parameters() if weight.requires_grad}
    sizes = [(IN_FEATURES if value.dim() == 2 else value.shape[1]) for value in given(case, 1)]
    reached = [torch.zeros(8, size, dtype=torch.bool) for size in sizes]
    for number in range(3):
        values = tuple(value.clone().requires_grad_() for value in given(case, 8, seed=number))
        torch.manual_seed(number)
        step(case, part, values)
        for name, weight in part.named_parameters():
            if weight.grad is not None and weight.grad.abs().sum() > 0:
                missed.discard(name)
            if weight.grad is not None and not weight.grad.isfinite().all():
                raise ContractError(f"the gradient of {name} is not finite")
        for position, value in enumerate(values):
            if value.grad is None or not value.grad.isfinite().all():
                raise ContractError(f"no finite gradient reaches argument {position + 1}; detach nothing")
            reached[position] |= value.grad.reshape(*value.shape[:2], -1).abs().sum(dim=2) > 0
    if any(value.requires_grad for value in values) and not part.eval()(*values).requires_grad:
        raise ContractError("in eval mode an answer has no gradient; others may train through a part that rests")
    if missed:
        raise ContractError(
            f"no gradient reaches {', '.join(sorted(missed)[:5])}; use them, freeze them, or remove them"
        )
    for position, mask in enumerate(reached):
        if not mask.any(dim=1).all() or not mask.any(dim=0).all():
            what = "a sample" if not mask.any(dim=1).all() else "a channel" if case.kind == "encoder" else "a number"
            raise ContractError(f"no gradient reaches {what} of argument {position + 1}; is it used?")


CHECKS = (
    leaves_everything_else_alone, takes_any_batch_size, repeats_its_answer, ignores_other_samples, tells_inputs_apart,
    takes_any_memory_layout, reaches_weights_and_inputs,
)  # fmt: skip
