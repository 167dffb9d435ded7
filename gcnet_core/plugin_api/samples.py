"""Samples: which image shows whom with which expression, and which image is the reference."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

CANONICAL = ("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
"""Expression names in the order in which they appear everywhere; other names follow in alphabetical order."""

NEUTRAL = "neutral"

Usage = Literal["train", "validation", "test"]
USAGE: dict[str, Usage] = {
    "training": "train",
    "train": "train",
    "publictest": "validation",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "privatetest": "test",
    "test": "test",
}
"""Published parts as data sets and their copies name them; FER2013 called its final one PrivateTest."""


@dataclass(frozen=True)
class Sample:
    """One labelled image.

    Args:
        image: name by which the data set reads it and predictions list it.
        subject: identity; None if unknown.
        expression: name of the expression.
        reference: name of the image with the subject's neutral face; None if unknown.
        session: occasion at which the picture was taken; None if unknown.
        lighting: name of the light; None if unknown.
        fold: number of the published fold; None if the data set has none.
        usage: `train`, `validation` or `test`, where the data set publishes one division in place of folds.
        intensity: how strong the expression is, from 0 (neutral) to 1 (apex); None if unknown.
        votes: how many raters chose each expression; None if there was one label only.
        source: name of the data set, where several are joined.
        train_only: whether it is never tested, because its data set only adds to the training of another.
        weight: how often it is drawn in an epoch, relative to the samples of other data sets.
        attributes: what else is known of the picture or the person, as pairs of texts such as ("sex", "female");
            figures are told apart by them, nothing learns from them.
    """

    image: str
    subject: str | None
    expression: str
    reference: str | None = None
    session: str | None = None
    lighting: str | None = None
    fold: int | None = None
    usage: Usage | None = None
    intensity: float | None = None
    votes: tuple[tuple[str, float], ...] | None = None
    source: str | None = None
    train_only: bool = False
    weight: float = 1.0
    attributes: tuple[tuple[str, str], ...] = ()


def ordered_classes(names: Sequence[str]) -> tuple[str, ...]:
    """Each name once: the canonical ones in canonical order, then the others alphabetically."""
    found = set(names)
    return tuple(name for name in CANONICAL if name in found) + tuple(sorted(found - set(CANONICAL)))


def relabel(samples: Iterable[Sample], labels: Mapping[str, str | None]) -> list[Sample]:
    """Samples with other names for their expressions.

    Args:
        samples: of one data set.
        labels: the new name of an expression, the same name for several to merge them, None to drop its samples;
            expressions that are not named stay as they are.

    Returns:
        The samples that are left. Votes are renamed and added up; those for a dropped expression do not count.
    """
    if not labels:
        return list(samples)
    left = []
    for sample in samples:
        name = labels.get(sample.expression, sample.expression)
        if name is not None:
            votes = None if sample.votes is None else _renamed(sample.votes, labels)
            left.append(dataclasses.replace(sample, expression=name, votes=votes))
    return left


def _renamed(votes: Iterable[tuple[str, float]], labels: Mapping[str, str | None]) -> tuple[tuple[str, float], ...]:
    sums: dict[str, float] = {}
    for expression, count in votes:
        name = labels.get(expression, expression)
        if name is not None:
            sums[name] = sums.get(name, 0.0) + count
    return tuple(sums.items())


def true_references(samples: Sequence[Sample]) -> tuple[str | None, ...]:
    """For each sample a picture of the subject's neutral face that a user could give beside the query.

    A neutral query that is its own reference would give its label away, because the difference is exactly zero. So if
    that happens for any sample of a subject, ALL samples of that subject take a reference of another session: if
    only the neutral ones did, the change of session would give them away instead.

    Returns:
        Names in the order of the samples; None where no such picture exists.
    """
    sessions: dict[str | None, dict[str, str | None]] = defaultdict(dict)  # subject -> reference -> session
    tainted = set()  # subjects of whom some picture is its own reference
    for sample in samples:
        if sample.reference is not None:
            sessions[sample.subject][sample.reference] = sample.session
            if sample.reference == sample.image:
                tainted.add(sample.subject)

    def given(sample: Sample) -> str | None:
        if sample.subject not in tainted:
            return sample.reference
        if sample.subject is None:  # another reference of nobody known is perhaps of somebody else
            return None
        others = [
            reference
            for reference, session in sorted(sessions[sample.subject].items())
            if session != sample.session and reference != sample.image
        ]
        return others[0] if others else None

    return tuple(given(sample) for sample in samples)
