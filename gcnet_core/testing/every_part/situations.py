"""Promises in every situation that a recipe can bring: sizes, colours, classes, flat and extreme values."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import VectorComponent
from gcnet_core.testing.case import IN_FEATURES, Case, ContractError, DoesNotApply
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.fresh_process import run_fresh
from gcnet_core.testing.environment.surroundings import Watch, unchanged_settings
from gcnet_core.testing.every_part.common import is_of_its_kind
from gcnet_core.testing.every_part.options import mentions, stores_its_options
from gcnet_core.testing.every_part.use import answer_once, made, use
from gcnet_core.testing.examination import AFTERWARDS
from gcnet_core.testing.networks.modules import changed, given

SIZES = (16, 30, 37, 48, 64)
USUAL = (32, 48, 64, 96, 112, 128, 224)
"""Sizes of which every part should accept some."""


@check(stores_its_options, tags=(AFTERWARDS,))
def changes_nothing_but_itself(case: Case) -> None:
    """Building and using it prints nothing, writes nothing, and leaves global settings as they were."""
    with unchanged_settings("using it"), Watch("using it"):
        use(case)


@check(changes_nothing_but_itself, tags=(AFTERWARDS,))
def leaves_its_weights_to_the_trainer(case: Case) -> None:
    """Answering moves no weight, touches no gradient, and keeps frozen weights frozen, in both modes."""
    part = made(case).requires_grad_(False)
    before = {name: weight.clone() for name, weight in part.named_parameters()}
    for weight in part.parameters():
        weight.grad = torch.ones_like(weight)
    for training in (True, False):
        answer_once(part.train(training), case)
    for name, weight in part.named_parameters():
        if not torch.equal(weight, before[name]):
            raise ContractError(f"{name} moves without a step of the optimiser; keep what you count in a buffer")
        if weight.grad is None or not torch.equal(weight.grad, torch.ones_like(weight)):
            raise ContractError(f"the gradient of {name} is changed; leave gradients to the trainer")
        if weight.requires_grad:
            raise ContractError(f"{name} was frozen, and is not any more; stages say what trains")


@check(changes_nothing_but_itself, tags=(AFTERWARDS,))
def starts_the_same_in_another_process(case: Case) -> None:
    """Under one seed its first weights are the same where Python's hashes are others; asked where its code hashes."""
    if not mentions(case, r"\b(hash|set|frozenset|id)\("):
        raise DoesNotApply("its code makes no hashes and no sets")
    if case.part.config.parts():
        raise DoesNotApply("it is judged of the parts inside it")
    here = {name: digest(value) for name, value in case.build(seed=0).state_dict().items()}
    length = IN_FEATURES if issubclass(case.spec.load(), VectorComponent) else None
    there = run_fresh(case, FIRST_WEIGHTS, 3, length=length, counts=case.class_counts)
    moved = sorted(name for name in here if here[name] != there.get(name))
    if moved:
        raise ContractError(f"in another process {moved[0]} begins otherwise; hashes are random there, use zlib.crc32")


FIRST_WEIGHTS = """
import torch
from gcnet_core.interfaces import BuildContext
from gcnet_core.testing.every_part.situations import digest
context = BuildContext(registry, image, tuple(classes), tuple(counts))
torch.manual_seed(0)
built = context.build(registry.part(kind, name, options), in_features=length)
answer = {name: digest(value) for name, value in built.state_dict().items()}
"""


def digest(tensor: Tensor) -> str:
    """A text that is another one for other numbers."""
    return hashlib.sha256(tensor.detach().cpu().numpy().tobytes()).hexdigest()


@check(is_of_its_kind)
def accepts_usual_images(case: Case) -> None:
    """Its `check` accepts grey or colour faces of some usual size, with classes that are known or not yet known."""
    for classes in (case.classes, ()):
        if not any(case.with_channels(channels).accepts(size, classes) for size in USUAL for channels in (1, 3)):
            raise ContractError(f"check refuses every size among {', '.join(map(str, USUAL))}, grey and in colour")


@check(changes_nothing_but_itself, accepts_usual_images, tags=(AFTERWARDS,))
def works_with_the_images_that_it_accepts(case: Case) -> None:
    """Grey and colour faces of any size from 16 to 64 that its `check` accepts are answered."""
    for size in SIZES:
        for channels in (1, 3):
            other = replace(case, size=size, channels=channels)
            if other.accepts(size):
                _used(other, f"check accepts {channels} channels of {size} pixels, and then")


@check(changes_nothing_but_itself, tags=(AFTERWARDS,))
def works_with_any_classes(case: Case) -> None:
    """Two, three or seven classes, with or without `neutral`, one of them without a training sample, are answered."""
    for classes in (("anger", "fear"), ("neutral", "smile", "scream"), tuple("abcdefg")):
        counts = (0, *range(3, 2 + len(classes)))
        _used(replace(case, classes=classes, class_counts=counts), f"with the classes {', '.join(classes)}")


@check(changes_nothing_but_itself, tags=(AFTERWARDS,))
def stays_finite_at_the_edges(case: Case) -> None:
    """Flat pictures and codes, and codes of any length up to 1000, give finite answers with finite gradients."""
    part = made(case)
    for what, values in _edges(case):
        for training in (True, False):
            result = part.train(training)(*values)
            if not result.isfinite().all():
                raise ContractError(f"{what} gives an answer that is not finite")
        if result.requires_grad:
            part.zero_grad()
            result.square().mean().backward()
            if not all(weight.grad.isfinite().all() for weight in part.parameters() if weight.grad is not None):
                raise ContractError(f"{what} gives a gradient that is not finite")


def _edges(case: Case) -> Iterator[tuple[str, tuple[Any, ...]]]:
    def flat(level: float) -> tuple[Any, ...]:
        return changed(given(case), lambda tensor: torch.full_like(tensor, level))

    yield "only zeros", flat(0.0)
    yield "only ones", flat(1.0)
    if case.kind == "encoder":
        yield "black and white", changed(given(case), lambda tensor: (tensor > tensor.mean()).float())
    else:
        for length in (1e-4, 1000.0):
            yield f"a code of length {length:g}", changed(given(case), _of_length(length))


def _of_length(length: float) -> Any:
    def scaled(tensor: Tensor) -> Tensor:
        return length * nn.functional.normalize(tensor.detach(), dim=1)

    return scaled


def _used(case: Case, when: str) -> None:
    try:
        use(case)
    except Exception as error:
        words = " ".join(str(error).split()) or type(error).__name__
        raise ContractError(f"{when}: {words}") from error


CHECKS = (changes_nothing_but_itself, accepts_usual_images)
OF_NETWORKS = (
    leaves_its_weights_to_the_trainer, starts_the_same_in_another_process, works_with_the_images_that_it_accepts,
    works_with_any_classes,
)  # fmt: skip
"""Of parts of networks alone."""
OF_VECTORS = (stays_finite_at_the_edges,)
"""Of those whose answers are vectors or pictures; the other kinds have checks of their own."""
