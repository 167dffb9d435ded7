"""Findings about near duplicates: those of one person are expected, as frames of a sequence; others are not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gcnet_core.data.duplicates import near_duplicates
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import ImageStats
from gcnet_core.plugin_api import Sample

CORRELATION = 0.995
ABOVE = f"correlation above {CORRELATION}"


@dataclass(frozen=True)
class Pair:
    """Two nearly equal queries."""

    first: Sample
    second: Sample
    equal: bool

    @property
    def names(self) -> tuple[str, str]:
        return self.first.image, self.second.image

    @property
    def is_in_two_parts(self) -> bool:
        """Whether one may be trained on and the other tested."""
        places = [(sample.usage, sample.fold, sample.train_only) for sample in (self.first, self.second)]
        return places[0] != places[1]

    @property
    def subjects(self) -> list[str]:
        """Those that are known."""
        return [sample.subject for sample in (self.first, self.second) if sample.subject is not None]

    @property
    def is_of_one_person(self) -> bool:
        """As far as anybody knows."""
        return len(self.subjects) == 2 and self.subjects[0] == self.subjects[1]

    @property
    def is_of_two_people(self) -> bool:
        """As far as anybody knows."""
        return len(self.subjects) == 2 and self.subjects[0] != self.subjects[1]

    @property
    def has_two_labels(self) -> bool:
        """Two expressions on one picture; one person may well pass from one to the other."""
        return self.first.expression != self.second.expression and not self.is_of_one_person


def check_duplicates(samples: Sequence[Sample], stats: ImageStats) -> Iterator[Finding]:
    """Pairs of nearly equal queries."""
    pairs = _pairs(samples, stats)
    yield from _across_parts([pair for pair in pairs if pair.is_in_two_parts])
    yield from _two_labels([pair for pair in pairs if pair.has_two_labels])
    yield from _two_people([pair for pair in pairs if pair.is_of_two_people])
    yield from _all(pairs)


def _pairs(samples: Sequence[Sample], stats: ImageStats) -> list[Pair]:
    of_image = {sample.image: sample for sample in samples}
    queries = np.array([name in of_image for name in stats.names])
    readable = np.array([not fault for fault in stats.faults])
    usable = queries & readable & ~stats.constant
    return [
        Pair(
            of_image[stats.names[first]],
            of_image[stats.names[second]],
            np.array_equal(stats.thumbnails[first], stats.thumbnails[second]),
        )
        for first, second, _ in near_duplicates(stats.thumbnails, usable, CORRELATION)
    ]


def _across_parts(pairs: Sequence[Pair]) -> Iterator[Finding]:
    if pairs:
        held_out = _held_out_images_seen_in_training(pairs)
        seen = f"; {len(held_out)} validation and test images have a nearly equal training image" if held_out else ""
        text = f"pairs of nearly equal images ({ABOVE}) in two parts or folds{seen}: figures on them flatter"
        yield Finding("duplicates_across_parts", "error", text, len(pairs), _names(pairs))


def _held_out_images_seen_in_training(pairs: Sequence[Pair]) -> set[str]:
    held_out = set()
    for pair in pairs:
        of_usage = {sample.usage == "train": sample.image for sample in (pair.first, pair.second)}
        if len(of_usage) == 2:  # one is trained on, the other is not
            held_out.add(of_usage[False])
    return held_out


def _two_labels(pairs: Sequence[Pair]) -> Iterator[Finding]:
    if pairs:
        text = f"pairs of nearly equal images ({ABOVE}) with two different labels"
        yield Finding("duplicates_with_two_labels", "warning", text, len(pairs), _names(pairs))


def _two_people(pairs: Sequence[Pair]) -> Iterator[Finding]:
    if pairs:
        text = f"pairs of nearly equal images ({ABOVE}) under the names of two people: is it one person?"
        yield Finding("duplicates_of_two_people", "warning", text, len(pairs), _names(pairs))


def _all(pairs: Sequence[Pair]) -> Iterator[Finding]:
    if pairs:
        equal = sum(pair.equal for pair in pairs)
        text = f"pairs of nearly equal images ({ABOVE}) in all, {equal:,} of them equal in every pixel"
        yield Finding("duplicates", "note", text, len(pairs), _names(pairs))


def _names(pairs: Sequence[Pair]) -> tuple[tuple[str, str], ...]:
    return tuple(pair.names for pair in pairs)
