"""Sequences: which frames show an expression, and how strongly; and their samples."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Literal

from gcnet_core.plugin_api import NEUTRAL, Sample

Apex = Literal["last", "middle"]


def in_order(names: Iterable[str]) -> list[str]:
    """The frames of one sequence by their numbers: 2.png comes before 10.png.

    Where a sequence lies in two folders, an archive beside what was unpacked from it for instance, those of the first
    folder are taken.
    """

    def folder(name: str) -> PurePosixPath:
        return PurePosixPath(name).parent

    def numbers(name: str) -> list[int]:
        return [int(number) for number in re.findall(r"\d+", PurePosixPath(name).name)]

    found = sorted(names)
    of_first_folder = [name for name in found if folder(name) == folder(found[0])]
    return sorted(of_first_folder, key=numbers)


def notes_on(names: Iterable[str], what: str, shown: int = 5) -> tuple[str, ...]:
    """A note that names the first of some files or folders; none if there are none."""
    found = sorted(names)
    if not found:
        return ()
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return (f"{what}: {', '.join(found[:shown])}{more}.",)


def intensities(frames: int, apex: Apex) -> list[float]:
    """How strong the expression is in each frame, 0 at the onset and 1 at the apex, rising and falling evenly.

    Args:
        frames: length of the sequence.
        apex: `last` where the recording ends at the peak (CK+, Oulu-CASIA), `middle` where it goes back to neutral
            (MMI).
    """
    if frames == 1:
        return [1.0]
    if apex == "last":
        return [index / (frames - 1) for index in range(frames)]
    centre = (frames - 1) / 2
    return [1 - abs(index - centre) / centre for index in range(frames)]


def peak_frames(frames: int, apex: Apex, count: int) -> list[int]:
    """Numbers of the frames around the apex, never the first one, which is the reference.

    Args:
        frames: length of the sequence.
        apex: where the peak is.
        count: how many frames to take, as far as there are.
    """
    strength = intensities(frames, apex)
    strongest = sorted(range(1, frames), key=lambda index: (-strength[index], index))
    return sorted(strongest[:count])


def peak_samples(frames: Sequence[str], shown: Sample, apex: Apex, count: int, *, neutral: bool) -> Iterator[Sample]:
    """The frames around the apex as samples, with the first frame, a neutral face, as their reference.

    Args:
        frames: names in their order, at least one.
        shown: subject, expression, session and fold of the sequence; its other fields are those of each frame.
        apex: where the peak is.
        count: how many frames to take, as far as there are.
        neutral: whether the first frame is a sample too.
    """
    strength = intensities(len(frames), apex)
    first = [0] if neutral else []
    for index in [*first, *peak_frames(len(frames), apex, count)]:
        expression = shown.expression if index else NEUTRAL
        yield replace(shown, image=frames[index], expression=expression, reference=frames[0], intensity=strength[index])
