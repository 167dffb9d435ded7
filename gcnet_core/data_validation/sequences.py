"""Sequences that a split cut: neighbouring frames of one recording on both sides of it. File names tell."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from posixpath import splitext

import numpy as np

from gcnet_core.data.duplicates import correlations
from gcnet_core.data.picture_files import split_name
from gcnet_core.data_validation.finding import Finding
from gcnet_core.data_validation.image_stats import ImageStats
from gcnet_core.plugin_api import Sample

MIN_CORRELATION = 0.9
"""Least correlation of neighbouring frames. In CK+48, 99 % of them are above 0.92, and 99 % of strangers below 0.84."""

NUMBERED = re.compile(r"(.*?)[ _.-]?(\d+)")

Place = tuple[object, ...]
Frame = tuple[int, Sample]


def cut_sequences(samples: Sequence[Sample], stats: ImageStats) -> Iterator[Finding]:
    """Frames of one recording in two published parts or folds, or under two people.

    Names that count up, such as S010_004_00000017.png and S010_004_00000018.png, are taken for a recording if the
    frames nearest to each other on both sides of a cut look alike: photographs may be numbered too.
    """
    row = {name: index for index, name in enumerate(stats.names)}
    readable = [sample for sample in samples if not stats.faults[row[sample.image]]]
    cut = {}
    for name, frames in _recordings(readable):
        pairs = neighbours_apart(frames)
        if pairs and _look_alike(pairs, row, stats):
            cut[name] = pairs[0]
    if cut:
        name, (one, other) = next(iter(cut.items()))
        text = (
            f"sequences whose frames are in two parts, folds or under two people, first {name} "
            f"({one.image} and {other.image}): a model would be tested on frames next to those it trained on"
        )
        pictures = tuple((one.image, other.image) for one, other in cut.values())
        yield Finding("cut_sequences", "error", text, len(cut), pictures)


def _recordings(samples: Sequence[Sample]) -> list[tuple[str, list[Frame]]]:
    """Name and numbered frames of each recording, sorted by name; those of two data sets are two recordings."""
    recordings: dict[tuple[str | None, str], list[Frame]] = defaultdict(list)
    for sample in samples:
        found = frame_of(sample.image)
        if found:
            name, number = found
            recordings[sample.source, name].append((number, sample))
    named = [(name, frames) for (_, name), frames in recordings.items()]
    return sorted(named, key=lambda recording: recording[0])


def _look_alike(pairs: Sequence[tuple[Sample, Sample]], row: Mapping[str, int], stats: ImageStats) -> bool:
    first = np.array([row[one.image] for one, _ in pairs])
    second = np.array([row[other.image] for _, other in pairs])
    return bool(np.median(correlations(stats.thumbnails, first, second)) > MIN_CORRELATION)


def frame_of(image: str) -> tuple[str, int] | None:
    """Recording and number of a frame by its name; None if it is not numbered.

    Args:
        image: such as `anger/S010_004_00000017.png`, `S05_2/017.png`, or `S035-004.avi#frame=12&rotate=90`.
    """
    file, fragment = split_name(image)
    frame = re.search(r"frame=(\d+)", fragment) if fragment else None
    if frame:
        return file, int(frame[1])
    if "row=" in fragment:  # of a list: neighbours there are strangers
        return None
    folder, _, name = file.rpartition("/")
    match = NUMBERED.fullmatch(splitext(name)[0])
    if match is None:
        return None
    return match[1] or folder or ".", int(match[2])


def neighbours_apart(frames: Sequence[Frame]) -> list[tuple[Sample, Sample]]:
    """Each two successive frames of a recording that a split puts to different places."""
    ordered = sorted(frames, key=lambda frame: (frame[0], frame[1].image))
    pairs = zip(ordered, ordered[1:], strict=False)
    return [(one, other) for (_, one), (_, other) in pairs if _place(one) != _place(other)]


def _place(sample: Sample) -> Place:
    return sample.usage, sample.fold, sample.subject
