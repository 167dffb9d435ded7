"""Findings about people: unknown ones, ones on both sides of a published division, ones without a reference."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Literal

from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.who import check_who
from gcnet_core.plugin_api import NEUTRAL, Sample


def check_people(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Everything that makes a division by people wrong, or leaves a loss without effect."""
    yield from _unknown(samples)
    yield from check_who(samples)
    yield from _torn(samples, "fold", "folds")
    yield from _torn(samples, "usage", "parts")
    yield from _without_reference(samples)
    yield from _wrong_references(samples)


def _unknown(samples: Sequence[Sample]) -> Iterator[Finding]:
    count = sum(sample.subject is None for sample in samples)
    if count:
        text = "images of unknown people: no split can keep people apart, and intervals are over images"
        yield Finding("unknown_people", "warning", text, count)


def _torn(samples: Sequence[Sample], kind: Literal["fold", "usage"], word: str) -> Iterator[Finding]:
    """People who are on both sides of a published division."""
    places: dict[str, set[object]] = defaultdict(set)
    for sample in samples:
        place = getattr(sample, kind)
        if sample.subject is not None and place is not None:
            places[sample.subject].add(place)
    torn = sorted(subject for subject, found in places.items() if len(found) > 1)
    if torn:
        text = f"people are in two published {word}, first {torn[0]}: a model would be tested on faces it trained on"
        yield Finding(f"people_in_two_{word}", "error", text, len(torn))


def _without_reference(samples: Sequence[Sample]) -> Iterator[Finding]:
    expressive = [sample for sample in samples if sample.expression != NEUTRAL]
    without = tuple((sample.image,) for sample in expressive if sample.reference is None)
    if without and len(without) < len(samples):
        text = "expressive images without a reference: the generative loss does not count there (`missing_references`)"
        yield Finding("missing_references", "note", text, len(without), without)


def _wrong_references(samples: Sequence[Sample]) -> Iterator[Finding]:
    """References that show somebody else, or a face that is labelled as another one than neutral."""
    shown = {sample.image: sample for sample in samples}
    pairs = [(sample, shown[sample.reference]) for sample in samples if sample.reference in shown]
    others = [
        (sample.image, face.image)
        for sample, face in pairs
        if sample.subject is not None and face.subject not in (None, sample.subject)
    ]
    if others:
        query, reference = others[0]
        text = f"references show another person, first {reference} beside {query}: the difference is that of two people"
        yield Finding("references_of_others", "error", text, len(others), tuple(others))
    expressive = [
        (sample.image, face.image)
        for sample, face in pairs
        if face.expression != NEUTRAL and sample.image != face.image
    ]
    if expressive:
        query, reference = expressive[0]
        text = f"references are labelled as another face than a neutral one, first {reference} beside {query}"
        yield Finding("expressive_references", "warning", text, len(expressive), tuple(expressive))
