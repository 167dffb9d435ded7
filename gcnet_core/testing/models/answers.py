"""Promises of models: what they compute, and on what their answer depends."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Generator, Model, Output
from gcnet_core.plugin_api import ImageConfig, ModelConfig, Part, RecipeInfo
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.environment.process_state import leaves_no_trace
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.models.training import answer, built, chosen, logits_of, taught_by, warm, with_noise

OUTPUTS = frozenset(entry.name for entry in fields(Output)) - {"extra_losses"}
PICTURES = frozenset({"reference", "query_reconstruction", "reference_reconstruction"})
CODES = frozenset({"query_code", "reference_code", "target_code"})
TOLERANCE = 1e-4


@check(is_of_its_kind)
def says_what_it_computes(case: Case) -> None:
    """`available_outputs()` names fields of `Output`, features and logits among them; its other answers fit as well."""
    config = case.part.config
    if not isinstance(config, ModelConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.ModelConfig")
    offered = config.available_outputs()
    if not isinstance(offered, frozenset) or not {"features", "logits"} <= offered <= OUTPUTS:
        known = ", ".join(sorted(OUTPUTS))
        raise ContractError(
            f"available_outputs() gave {offered!r}; return a frozenset of {known}, with features and logits"
        )
    own = config.parts_with_own_losses()
    if not isinstance(own, frozenset) or not own <= config.parts().keys():
        raise ContractError(f"parts_with_own_losses() gave {own!r}; the parts are {', '.join(config.parts())}")
    for name in ("trains_by_gradient", "needs_true_reference", "uses_album"):
        if not isinstance(getattr(config, name)(), bool):
            raise ContractError(f"{name}() gave {getattr(config, name)()!r}; return True or False")


@check(says_what_it_computes)
def repeats_its_answer(case: Case) -> None:
    """In eval mode the answer is the same again, whatever was asked between; only a reference may be drawn."""
    model, batch = warm(case), case.batch()
    state = deepcopy(model.state_dict())
    first = answer(model, batch)
    if not isinstance(first, Output) or not isinstance(first.logits, Tensor):
        raise ContractError(f"asked for features and logits it gave {str(first)[:80]}; return an Output with them")
    answer(model, case.batch(4, seed=9))
    again = answer(model, batch)
    assert again.logits is not None
    if not close(first.logits, again.logits):
        raise ContractError("a second answer differs; use torch's default generator, and keep nothing of a batch")
    for name, value in model.state_dict().items():
        if not torch.equal(value, state[name]):
            raise ContractError(f"answering in eval mode changed {name}")
    if not close(first.logits, logits_of(model, batch, seed=1)) and not draws_its_reference(model, batch):
        raise ContractError("in eval mode the answer depends on the seed; is a dropout always on?")


@check(repeats_its_answer)
def computes_what_it_offers(case: Case) -> None:
    """Each output is computed, of its shape and range, in both modes; alone it is the same as with all others."""
    model, batch = warm(case), case.batch()
    offered = model.config.available_outputs()
    everything = answer(model, batch, *offered)
    for name in sorted(offered):
        _of_its_form(name, getattr(everything, name), batch, everything)
        alone = answer(model, batch, name)
        _of_its_form(name, getattr(alone, name), batch, everything)
        if not close(getattr(alone, name), getattr(everything, name)):
            raise ContractError(f"{name} is another one when the other outputs are asked for too")
    for name in sorted(offered):  # norms count these batches, so only now
        torch.manual_seed(0)
        _of_its_form(name, getattr(model.train()(batch, frozenset({name})), name), batch, everything)
    if everything.extra_losses:
        raise ContractError(
            f"in eval mode it has extra_losses ({', '.join(everything.extra_losses)}); they are for training"
        )
    features, difference = everything.features, everything.difference
    if features is not None and difference is not None and difference.shape[1] > features.shape[1]:
        raise ContractError("difference is longer than the features, of which it is a part")


def _of_its_form(name: str, value: object, batch: Batch, everything: Output) -> None:
    if not isinstance(value, Tensor):
        raise ContractError(f"{name} was asked for, is among available_outputs(), and is {value!r}")
    if name in PICTURES:
        if value.shape != batch.query.shape:
            raise ContractError(f"{name} is {tuple(value.shape)} for pictures of {tuple(batch.query.shape)}")
        if value.min() < -0.001 or value.max() > 1.001:
            raise ContractError(f"{name} goes from {value.min():.3f} to {value.max():.3f}; limit it to [0, 1]")
    elif name == "candidate_codes":
        if value.dim() != 3 or len(value) != len(batch):
            raise ContractError(f"{name} is {tuple(value.shape)}; it must be [batch, candidate, numbers]")
    elif value.dim() != 2 or len(value) != len(batch):
        raise ContractError(f"{name} is {tuple(value.shape)}; it must be [batch, numbers], here [{len(batch)}, ...]")
    if name == "logits" and value.shape[1] != batch.votes.shape[1]:
        raise ContractError(f"logits are {tuple(value.shape)} for {batch.votes.shape[1]} classes; see context.classes")
    if name in CODES and everything.query_code is not None and value.shape != everything.query_code.shape:
        raise ContractError(f"{name} is {tuple(value.shape)}, query_code {tuple(everything.query_code.shape)}")
    if value.dtype != torch.float32 or not value.isfinite().all():
        raise ContractError(f"{name} is of {value.dtype} or not finite; finite float32 is expected")


def close(first: Tensor, second: Tensor) -> bool:
    return first.shape == second.shape and torch.allclose(first, second, atol=TOLERANCE, rtol=TOLERANCE)


def same_answer(model: Model, first: Batch, second: Batch, **how: bool) -> bool:
    """Whether a model says the same of two batches, bit for bit but for rounding."""
    one, other = answer(model, first, **how), answer(model, second, **how)
    return all(close(getattr(one, name), getattr(other, name)) for name in ("features", "logits"))


@check(is_of_its_kind)
def names_its_parts(case: Case) -> None:
    """Each part of the options is a direct child of that name, built from its options; so stages can name it."""
    model = built(case)
    children = dict(model.named_children())
    for name, part in model.config.parts().items():
        child = children.get(name)
        if child is None:
            raise ContractError(f"the part {name} is no attribute self.{name}, so no stage could train it")
        if not isinstance(child, case.registry.get(part.kind, part.type).load()):
            raise ContractError(
                f"self.{name} is a {type(child).__name__}, not the {part.kind} {part.type} of the options"
            )
        if getattr(child, "config", part.config) != part.config:
            raise ContractError(f"self.{name} has other options than the recipe gives it")
    loose = [name for name, _ in model.named_parameters(recurse=False)]
    if loose:
        raise ContractError(f"{', '.join(loose)} belong to no child, so no stage trains them; put them into a module")


def draws_its_reference(model: Model, batch: Batch) -> bool:
    """Whether a generator of the model gives other estimates under other seeds, which is its right."""
    for generator in _generators(model):
        estimates = []
        for seed in (0, 1):
            torch.manual_seed(seed)
            with torch.no_grad():
                estimates.append(generator.eval()(batch.query))
        if not torch.equal(*estimates):
            return True
    return False


def _generators(model: Model) -> list[Generator]:
    return [module for module in model.modules() if isinstance(module, Generator)]


@check(computes_what_it_offers)
def ignores_other_samples(case: Case) -> None:
    """In eval mode no sample's answer depends on the order, number, content or references of the others."""
    model, batch = warm(case, steps=4), case.batch()
    for given in (False, True):
        if not given and draws_its_reference(model, batch):
            continue  # a number for each sample
        whole = logits_of(model, batch, true_reference=given)
        backwards = list(range(len(batch)))[::-1]
        if not close(whole, logits_of(model, chosen(batch, backwards), true_reference=given)[backwards]):
            raise ContractError("in another order the samples have other answers")
        for row in range(len(batch)):
            alone = logits_of(model, chosen(batch, [row]), true_reference=given)
            if not close(whole[row : row + 1], alone):
                raise ContractError(
                    f"sample {row} alone has another answer than among others; is there a norm over them?"
                )


@check(is_of_its_kind)
def leaves_everything_as_it_is(case: Case) -> None:
    """It changes neither the batch, nor its mode, nor what is frozen, nor anything outside; it prints nothing."""
    model, batch = warm(case), case.batch()
    offered = model.config.available_outputs()
    for training in (True, False):
        model.train(training)
        before, modes = deepcopy(batch), _modes(model)
        leaves_no_trace(lambda: model(batch, offered), "the model")
        for name, value in vars(batch).items():
            if not torch.equal(value, getattr(before, name)):
                raise ContractError(f"batch.{name} was changed; work on a copy")
        if _modes(model) != modes:
            raise ContractError("forward changes the mode of a module, or freezes weights; that is the trainer's")


def _modes(model: nn.Module) -> list[bool]:
    return [*(module.training for module in model.modules()), *(weight.requires_grad for weight in model.parameters())]


@check(computes_what_it_offers)
def is_blind_at_test(case: Case) -> None:
    """In eval mode label, votes, neutral, sample number and reference have no influence on features and logits."""
    model, batch = warm(case), case.batch()
    hidden = {
        "label": batch.label.roll(1), "votes": batch.votes.roll(1, 0), "neutral": ~batch.neutral,
        "sample": batch.sample + 7, "reference": 1 - batch.reference, "has_reference": ~batch.has_reference,
    }  # fmt: skip
    for given in (False, True):
        for name, value in hidden.items():
            if not same_answer(model, batch, replace(batch, **{name: value}), true_reference=given):
                raise ContractError(f"batch.{name} has an influence on the answer in eval mode; no user could give it")
        if not same_answer(model, batch, batch.unlabelled(true_reference=True), true_reference=given):
            raise ContractError("a batch without labels and references has another answer than with them")


@check(computes_what_it_offers)
def uses_a_true_reference_when_told(case: Case) -> None:
    """A model that compares with a reference takes the true one when told so, in place of its own; else it does not."""
    model, batch = warm(case), case.batch()
    config = model.config
    other = with_noise(batch, "true_reference")
    needs = config.needs_true_reference()
    if not needs and not same_answer(model, batch, other):
        raise ContractError("batch.true_reference has an influence without true_reference=True")
    compares = (
        needs or bool({"reference_code", "difference"} & config.available_outputs()) or _uses_estimate(model, batch)
    )
    if not compares:
        raise DoesNotApply("it compares with no reference")
    if same_answer(model, batch, other, true_reference=True) or (needs and same_answer(model, batch, other)):
        raise ContractError("batch.true_reference has no influence, though the model is told to use it")
    for row in range(len(batch) - 1):
        if same_answer(model, chosen(batch, [row]), chosen(other, [row]), true_reference=True):
            raise ContractError(
                f"the true reference of sample {row} has no influence, though the model is told to use it"
            )
    known = chosen(batch, batch.has_true_reference.nonzero()[:, 0].tolist())
    if _uses_estimate(model, known, true_reference=True) or _teaches_estimate(model, known):
        raise ContractError("the generated reference still has an influence with true_reference=True")


@check(computes_what_it_offers)
def codes_are_of_what_they_name(case: Case) -> None:
    """Beside a true reference, query_code depends on the query alone, reference_code on the reference alone."""
    model, batch = warm(case), case.batch()
    batch = chosen(batch, batch.has_true_reference.nonzero()[:, 0].tolist())
    offered = model.config.available_outputs()
    if not {"query_code", "reference_code"} <= offered:
        raise DoesNotApply("it gives no two codes")
    for name, own, foreign in (
        ("query_code", "query", "true_reference"),
        ("reference_code", "true_reference", "query"),
    ):
        code = _code(model, batch, name)
        if not close(code, _code(model, with_noise(batch, foreign), name)):
            raise ContractError(f"{name} depends on batch.{foreign}; are the two codes exchanged?")
        if close(code, _code(model, with_noise(batch, own), name)):
            raise ContractError(f"{name} does not depend on batch.{own}")
    if "target_code" in offered:
        target = model.train()(batch, frozenset({"target_code"})).target_code
        if target.requires_grad:
            raise ContractError("target_code is a constant to be reached; detach it")
        if close(_code(model, batch, "target_code"), _code(model, with_noise(batch, "reference"), "target_code")):
            raise ContractError("target_code does not depend on batch.reference, which it embeds")


def _code(model: Model, batch: Batch, name: str) -> Tensor:
    code: Tensor = getattr(answer(model, batch, name, true_reference=True), name)
    return code


def _uses_estimate(model: Model, batch: Batch, *, true_reference: bool = False) -> bool:
    """Whether the answer depends on what a generator of the model estimates."""
    as_it_is = logits_of(model, batch, true_reference=true_reference)
    hooks = [
        generator.register_forward_hook(lambda module, inputs, output: torch.rand_like(output))
        for generator in _generators(model)
    ]
    try:
        changed = logits_of(model, batch, true_reference=true_reference, seed=3)
    finally:
        for hook in hooks:
            hook.remove()
    return bool(hooks) and not close(as_it_is, changed)


def _teaches_estimate(model: Model, batch: Batch) -> bool:
    """Whether logits beside a true reference have a gradient to weights that the estimate alone is made by."""
    if not {"reference", "query_code"} <= model.config.available_outputs():
        return False
    by_estimate = taught_by(model, batch, "reference") - taught_by(model, batch, "query_code")
    return bool(by_estimate & taught_by(model, batch, "logits", true_reference=True))


@check(computes_what_it_offers)
def masks_what_is_unknown(case: Case) -> None:
    """In training, pictures of unknown references have no influence on logits and own losses."""
    batch = case.batch()
    first = _in_training(case, batch)
    for name, mask in (("reference", batch.has_reference), ("true_reference", batch.has_true_reference)):
        known = mask.view(-1, 1, 1, 1)
        pictures = torch.where(known, getattr(batch, name), getattr(with_noise(batch, name), name))
        if case.part.config.needs_true_reference() and name == "true_reference":
            continue  # such samples are left out
        other = _in_training(case, replace(batch, **{name: pictures}))
        for term, value in first.items():
            if not close(value, other[term]):
                raise ContractError(f"{term} sees pictures in batch.{name} that are unknown; mask by batch.has_{name}")


def _in_training(case: Case, batch: Batch) -> dict[str, Tensor]:
    model = warm(case)
    torch.manual_seed(0)
    output: Output = model.train()(batch, frozenset({"logits", "reference"} & model.config.available_outputs()))
    assert output.logits is not None
    return {"logits": output.logits.detach(), **{name: term.detach() for name, term in output.extra_losses.items()}}


@check(computes_what_it_offers)
def fits_any_classes_and_faces(case: Case) -> None:
    """It is built and answers for 2 and 7 classes, grey and colour, and the sizes that its options accept."""
    for count, channels, size in (
        (2, case.channels, case.size),
        (7, 4 - case.channels, case.size),
        (3, 1, 48),
        (3, 1, 33),
    ):
        image = ImageConfig(size=size, channels=channels)
        classes = tuple(f"class-{number}" for number in range(count))
        other = replace(case, size=size, channels=channels)
        if list(_issues(case.part, RecipeInfo(image, classes, available_outputs=OUTPUTS))):
            continue
        batch = other.batch(4)
        label = batch.label % count
        votes = nn.functional.one_hot(label, count).float()
        model = built(case, context=replace(other.context, classes=classes, class_counts=(2,) * count))
        logits = logits_of(model, replace(batch, label=label, votes=votes))
        if tuple(logits.shape) != (4, count):
            raise ContractError(f"logits are {tuple(logits.shape)} for 4 faces and {count} classes of context.classes")


def _issues(part: Part, info: RecipeInfo) -> Iterator[object]:
    """What a part, and those nested in it, have against a recipe."""
    yield from part.config.check(info)
    for nested in part.config.parts().values():
        yield from _issues(nested, info)


CHECKS = (
    says_what_it_computes, names_its_parts, repeats_its_answer, computes_what_it_offers, ignores_other_samples,
    leaves_everything_as_it_is, is_blind_at_test, uses_a_true_reference_when_told, codes_are_of_what_they_name,
    masks_what_is_unknown, fits_any_classes_and_faces,
)  # fmt: skip
