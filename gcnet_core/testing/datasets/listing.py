"""Promises of data sets: what they list, and that what they say of it is true."""

import math
import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, get_args

import torch

from gcnet_core.interfaces import Dataset
from gcnet_core.plugin_api import (
    CANONICAL,
    NEUTRAL,
    DatasetConfig,
    DatasetInfo,
    MissingData,
    Sample,
    Usage,
    ordered_classes,
)
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import DoesNotApply, check
from gcnet_core.testing.every_part.common import is_of_its_kind

TEXTS = ("subject", "reference", "session", "lighting", "source")


def built(case: Case, seed: int = 0) -> Dataset:
    """The data set.

    Args:
        case: the part under test.
        seed: of torch's generator, which must not matter.

    Raises:
        DoesNotApply: with the first line of what the data set says, if its files are not there.
    """
    torch.manual_seed(seed)
    try:
        dataset: Dataset = case.context.build(case.part)
    except MissingData as missing:
        raise DoesNotApply(f"its files are not there: {str(missing).splitlines()[0]}") from missing
    return dataset


@check(is_of_its_kind)
def lists_samples(case: Case) -> None:
    """`samples` is a tuple with at least one `Sample`; each field is of its type and within its range."""
    samples: Any = getattr(built(case), "samples", None)
    if not isinstance(samples, tuple) or not samples:
        raise ContractError(f"samples is {str(samples)[:80]}; set a tuple with at least one Sample in the constructor")
    for sample in samples:
        if not isinstance(sample, Sample):
            raise ContractError(f"{sample!r} is no gcnet_core.plugin_api.Sample")
        for fault in _faults(sample, case.part.config):
            raise ContractError(f"{sample.image!r}: {fault}")


def _faults(sample: Sample, config: DatasetConfig) -> Any:
    """What is wrong with the fields of one sample."""
    for name in ("image", "expression"):
        if not _is_text(getattr(sample, name)):
            yield f"{name} is {getattr(sample, name)!r}; it must be a text that is not empty, without blanks around"
    for name in TEXTS:
        value = getattr(sample, name)
        if value is not None and not _is_text(value):
            yield f"{name} is {value!r}; give a text that is not empty, without blanks around, or None if unknown"
    if not isinstance(sample.attributes, tuple) or not all(map(_is_pair, sample.attributes)):
        yield f"attributes is {sample.attributes!r}; give a tuple of pairs of texts, such as (('sex', 'female'),)"
    if os.path.isabs(sample.image) or os.path.isabs(sample.reference or ""):
        yield "the name is an absolute path; names must stay when the data are moved, so make it relative"
    lowered = sample.expression.lower()
    if lowered.isdigit() or (lowered in CANONICAL and lowered != sample.expression):
        yield f"expression is {sample.expression!r}; use its name, such as {', '.join(CANONICAL)}"
    if sample.usage is not None and sample.usage not in get_args(Usage):
        yield f"usage is {sample.usage!r}; it is train, validation, test or None"
    if sample.fold is not None and (type(sample.fold) is not int or sample.fold < 0):
        yield f"fold is {sample.fold!r}; it is a number from 0, or None"
    if sample.intensity is not None and not _within(sample.intensity, 0, 1):
        yield f"intensity is {sample.intensity!r}; it is between 0 and 1, or None"
    if sample.weight not in (1.0, config.weight) or sample.train_only not in (False, config.train_only):
        yield "weight and train_only are for the user to set, in the recipe; leave them at their defaults"
    if sample.votes is not None:
        yield from _vote_faults(sample.votes)


def _vote_faults(votes: Any) -> Any:
    if not isinstance(votes, tuple) or not all(isinstance(vote, tuple) and len(vote) == 2 for vote in votes):
        yield f"votes are {votes!r}; give a tuple of pairs (expression, number), or None"
    elif not all(_is_text(name) and _within(count, 0, math.inf) for name, count in votes):
        yield f"votes are {votes!r}; the numbers must be finite, at least 0"
    elif len({name for name, _ in votes}) < len(votes):
        yield f"votes are {votes!r}; an expression comes twice"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value == value.strip() and value.isprintable()


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(map(_is_text, value))


def _within(value: Any, low: float, high: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and low <= value <= high


@check(lists_samples)
def names_each_picture_once(case: Case) -> None:
    """No two samples have the same image name, by which predictions list it."""
    counts = Counter(sample.image for sample in built(case).samples)
    name, count = counts.most_common(1)[0]
    if count > 1:
        raise ContractError(f"{count} samples have the image {name!r}; a name must say which picture, or part of it")


@check(lists_samples)
def says_what_it_holds(case: Case) -> None:
    """`info()` gives classes in canonical order, references and number of folds as they are among the samples."""
    samples, info = built(case).samples, case.part.config.info()
    if not isinstance(info, DatasetInfo):
        raise ContractError(f"info() gave {info!r}; return a gcnet_core.plugin_api.DatasetInfo")
    expected = ordered_classes([sample.expression for sample in samples])
    if info.classes != expected:
        raise ContractError(f"info().classes are {info.classes!r}, those of the samples in order {expected!r}")
    references = any(sample.reference for sample in samples)
    if info.references is not references:
        raise ContractError(
            f"info().references is {info.references}, but {'some' if references else 'no'} sample has one"
        )
    folds = len({sample.fold for sample in samples} - {None})
    divided = all(sample.usage for sample in samples)
    if info.folds != folds and not (divided and info.folds == 1):
        raise ContractError(f"info().folds is {info.folds}; the samples are in {folds} folds")


@check(lists_samples)
def has_neutral_references_of_the_same_person(case: Case) -> None:
    """A reference that is a sample is neutral and of the same subject; no reference serves two subjects."""
    samples = built(case).samples
    if not any(sample.reference for sample in samples):
        raise DoesNotApply("it knows no references")
    listed = {sample.image: sample for sample in samples}
    owners: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        if sample.reference is None:
            continue
        shown = listed.get(sample.reference)
        if shown is not None and shown.expression != NEUTRAL:
            raise ContractError(f"the reference of {sample.image!r}, {shown.image!r}, shows {shown.expression}")
        if shown is not None and shown.subject != sample.subject:
            raise ContractError(
                f"{sample.image!r} shows {sample.subject!r}, its reference {shown.image!r} shows {shown.subject!r}"
            )
        if sample.subject is not None:
            owners[sample.reference].add(sample.subject)
    shared = [(name, sorted(subjects)) for name, subjects in owners.items() if len(subjects) > 1]
    if shared:
        raise ContractError(f"{shared[0][0]!r} is the reference of {', '.join(shared[0][1])}, who are different people")


@check(lists_samples)
def keeps_people_in_one_fold(case: Case) -> None:
    """Published folds are numbered from 0 without a gap and divide people: all pictures of a subject are in one."""
    samples = built(case).samples
    if all(sample.fold is None for sample in samples):
        raise DoesNotApply("it has no published folds")
    numbers = sorted({sample.fold for sample in samples if sample.fold is not None})
    if numbers != list(range(len(numbers))):
        raise ContractError(f"the folds are {numbers}; number them from 0 without a gap, as `split.fold` counts them")
    folds: dict[str, set[int | None]] = defaultdict(set)
    for sample in samples:
        if sample.subject is not None:
            folds[sample.subject].add(sample.fold)
    for subject, found in folds.items():
        if len(found) > 1:
            raise ContractError(
                f"subject {subject!r} is in the folds {sorted(found, key=str)}; nobody could split by them"
            )


@check(says_what_it_holds)
def has_votes_for_its_labels(case: Case) -> None:
    """Votes name known expressions, some of them the classes, and mostly agree with the label."""
    config, samples = case.part.config, [sample for sample in built(case).samples if sample.votes is not None]
    if not samples:
        raise DoesNotApply("it knows no votes")
    classes = set(config.info().classes)
    known = classes | {*CANONICAL, *config.codes.values()}
    agreeing = 0
    for sample in samples:
        votes = dict(sample.votes or ())
        unknown = sorted(votes.keys() - known)
        if unknown:
            raise ContractError(f"{sample.image!r} has votes for {unknown[0]!r}, which is none of its classes")
        if not sum(count for name, count in votes.items() if name in classes):
            raise ContractError(f"{sample.image!r} has no vote for any of its classes; votes=None means unknown")
        agreeing += votes.get(sample.expression, 0) == max(votes.values())
    if agreeing < len(samples) / 2:
        raise ContractError("most labels are not the expression with the most votes; are the columns in another order?")


@check(lists_samples)
def labels_as_its_names_say(case: Case) -> None:
    """Where image names contain the name of one expression, labels agree with most of them."""
    told = [(found, sample) for sample in built(case).samples if (found := _named(sample.image)) is not None]
    told = [(found, sample) for found, sample in told if sample.expression != NEUTRAL]  # a sequence begins neutral
    wrong = [(found, sample) for found, sample in told if found != sample.expression and sample.expression in CANONICAL]
    if len(wrong) > len(told) / 2:
        raise ContractError(f"{wrong[0][1].image!r} is labelled {wrong[0][1].expression}; most labels differ like that")


def _named(image: str) -> str | None:
    """The one expression in the name of an image."""
    words: Sequence[str] = re.split(r"[^a-z]+", image.lower())
    found = {word for word in words if word in CANONICAL}
    return found.pop() if len(found) == 1 else None


@check()
def describes_its_source(case: Case) -> None:
    """`codes`, `published`, `notes()` and `preparation()` are of their types, and name expressions."""
    config = case.part.config
    if not isinstance(config, DatasetConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.DatasetConfig")
    for code, name in config.codes.items():
        if type(code) is not int or not _is_text(name) or name != name.lower():
            raise ContractError(f"codes has {code!r}: {name!r}; it maps the authors' numbers to names of expressions")
    for what, counts in config.published.items():
        if not _is_text(what) or not all(
            _is_text(name) and _within(count, 1, math.inf) for name, count in counts.items()
        ):
            raise ContractError(f"published has {what!r}: {counts!r}; it maps what was counted to images by expression")
    try:
        notes, preparation = config.notes(), config.preparation()
    except MissingData as missing:
        raise DoesNotApply("its files are not there") from missing
    if not isinstance(notes, tuple) or not all(_is_text(note) for note in notes):
        raise ContractError(f"notes() gave {notes!r}; return a tuple of sentences")
    if preparation is not None and not isinstance(preparation, dict):
        raise ContractError(f"preparation() gave {preparation!r}; return what preparation.json holds, or None")


CHECKS = (
    describes_its_source, lists_samples, names_each_picture_once, says_what_it_holds,
    has_neutral_references_of_the_same_person, keeps_people_in_one_fold, has_votes_for_its_labels,
    labels_as_its_names_say,
)  # fmt: skip
