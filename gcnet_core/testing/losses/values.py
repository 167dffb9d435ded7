"""Promises of losses: one number, the mean of what it reads, and of nothing else."""

import math
from copy import deepcopy
from dataclasses import replace

import torch
from torch import nn

from gcnet_core.plugin_api import LossConfig, RecipeInfo
from gcnet_core.testing.case import CLASSES, Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.losses.cases import (
    FIELDS,
    alike,
    check_gradient,
    check_value,
    optional,
    reads_labels,
    settings,
    value,
    with_fields,
)
from gcnet_core.testing.networks.conduct import leaves_everything_else_alone
from gcnet_core.testing.networks.modules import build, output_of, take, vector_length, warm


@check(leaves_everything_else_alone)
def says_what_it_needs(case: Case) -> None:
    """Its config is a `LossConfig` that names fields of `Output`, and its `check` tells when one of them is missing."""
    config = case.part.config
    if not isinstance(config, LossConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.LossConfig")
    for name in ("required_outputs", "optional_outputs", "constant_outputs"):
        named: object = getattr(config, name, frozenset())
        if not isinstance(named, frozenset | set) or not named <= FIELDS:
            raise ContractError(
                f"{name} is {named!r}; it must be a frozenset of fields of gcnet_core.interfaces.Output"
            )
    if not config.required_outputs:
        raise ContractError("required_outputs names nothing; a loss of no output trains nothing")
    whole = RecipeInfo(case.context.image, CLASSES, references=True, available_outputs=FIELDS)
    if problems := [problem.message for problem in config.check(whole)]:
        raise ContractError(f"check finds a problem where nothing is missing: {problems[0]}")
    for name in config.required_outputs:
        if not list(config.check(replace(whole, available_outputs=FIELDS - {name}))):
            raise ContractError(f"check accepts a model that does not compute {name}; call super().check(info)")
    if config.needs_references and not list(config.check(replace(whole, references=False))):
        raise ContractError("check accepts data without references; call super().check(info)")


@check(says_what_it_needs)
def is_one_number(case: Case) -> None:
    """Batches of 6, 3, 2 and 1, of 2, 3 and 7 classes, one never seen, give a finite float32 number with a gradient."""
    required = case.part.config.required_outputs
    for classes in (2, 3, 7):
        part = build(case, classes=classes, class_counts=(0, *range(3, 2 + classes)))
        for count in (6, 3, 2, 1):
            label = torch.arange(count) % classes
            votes = nn.functional.one_hot(label, classes).float()
            for soft in (votes, 0.7 * votes + 0.3 / classes):
                batch = replace(case.batch(count), label=label, votes=soft)
                output = output_of(batch, required, width=vector_length(case))
                what = f"{count} samples of {classes} classes"
                check_value(result := value(part, output, batch), what)
                check_gradient(result, output, what)


@check(is_one_number, tags=["deterministic"])
def repeats_its_value(case: Case) -> None:
    """The same output and batch give the same value again, from the same state."""
    part = build(case)
    for output, batch in settings(case):
        first = deepcopy(part)(output, batch)
        if not torch.equal(first, deepcopy(part)(output, batch)):
            raise ContractError("two values of one batch differ; draw nothing, or tag the part as stochastic")


@check(repeats_its_value)
def uses_what_it_requires(case: Case) -> None:
    """It reads the outputs that it requires, alone those; its gradient reaches them, save constants, for each class."""
    part, config = warm(case), case.part.config
    constants = frozenset(getattr(config, "constant_outputs", ())) | {"target_code"}
    unread, unreached = set(config.required_outputs), set(config.required_outputs - constants)
    for output, batch in settings(case):
        before = value(part, output, batch)
        before.backward()
        other = output_of(batch, FIELDS, 7, width=vector_length(case))
        for name in config.required_outputs:
            if not alike(value(part, replace(output, **{name: getattr(other, name)}), batch), before):
                unread.discard(name)
            gradient = getattr(output, name).grad
            if gradient is not None and gradient.abs().sum() > 0:
                unreached.discard(name)
        more = {name: getattr(other, name) for name in FIELDS - config.required_outputs - optional(case)}
        if not alike(value(part, with_fields(output, more), batch), before):
            raise ContractError("the value depends on outputs that required_outputs does not name")
    if "logits" in config.required_outputs and reads_labels(case, part):
        _check_every_class_counts(case, part)
    if unread:
        raise ContractError(f"the value does not depend on {', '.join(sorted(unread))}; do not require it")
    if unreached:
        raise ContractError(f"no gradient reaches {', '.join(sorted(unreached))}; detach nothing, or name it in "
                            "constant_outputs of the config")  # fmt: skip


def _check_every_class_counts(case: Case, part: nn.Module) -> None:
    """Raise if the logits of one class of samples get no gradient in any batch."""
    reached = torch.zeros(len(CLASSES), dtype=torch.bool)
    for output, batch in settings(case):
        value(part, output, batch).backward()
        gradient = None if output.logits is None else output.logits.grad
        if gradient is not None:
            reached[batch.label[gradient.abs().sum(dim=1) > 0]] = True
    if not reached.all():
        name = CLASSES[int(reached.int().argmin())]
        raise ContractError(f"samples of the class {name} have no influence; labels begin at 0, and -1 is unlabeled")


@check(repeats_its_value)
def ignores_order_and_numbers(case: Case) -> None:
    """The value depends neither on the order of the samples nor on their numbers."""
    part, order = warm(case), torch.tensor([4, 2, 0, 5, 1, 3])
    for output, batch in settings(case):
        before = value(part, output, batch)
        if not alike(value(part, *take((output, batch), order)), before):
            raise ContractError("the value changed with the order of the samples")
        for sample in (batch.sample + 40, torch.full_like(batch.sample, -1)):
            if not alike(value(part, output, replace(batch, sample=sample)), before):
                raise ContractError("the value changed with the numbers of the samples")


@check(repeats_its_value)
def does_not_grow_with_the_batch(case: Case) -> None:
    """It is a mean: with every sample twice, and four times, it is not twice and four times as large, nor a half."""
    part = warm(case)
    for output, batch in settings(case):
        once, twice, often = (
            float(value(part, *take((output, batch), torch.arange(6).repeat(times))).detach()) for times in (1, 2, 4)
        )
        grows = not math.isclose(once, twice, rel_tol=0.02, abs_tol=1e-6)
        if grows and math.isclose(once * often, twice**2, rel_tol=1e-3):
            raise ContractError(
                f"with every sample twice it is {twice / once:.2f} times as large; take the mean over the samples"
            )


@check(repeats_its_value)
def leaves_its_weight_to_the_trainer(case: Case) -> None:
    """The option `weight` does not change the value: the trainer multiplies by it."""
    heavy = replace(case, options={**case.options, "weight": 3 * case.part.config.weight + 1})
    for output, batch in settings(case):
        if not alike(value(build(case), output, batch), value(build(heavy), output, batch)):
            raise ContractError("the value changes with the option weight, which the trainer applies")


VALUES = (
    leaves_everything_else_alone, says_what_it_needs, is_one_number, repeats_its_value, uses_what_it_requires,
    ignores_order_and_numbers, does_not_grow_with_the_batch, leaves_its_weight_to_the_trainer,
)  # fmt: skip
