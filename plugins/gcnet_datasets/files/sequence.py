"""Sequences: which frames show an expression, and how strongly."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal

Apex = Literal["last", "middle"]


def in_order(names: Iterable[str]) -> list[str]:
    """The frames of one sequence by their numbers: 2.png comes before 10.png.

    Where a sequence lies in two folders, an archive beside what was unpacked from it for instance, those of the first
    folder are taken.
    """
    found = sorted(names)
    own = [name for name in found if PurePosixPath(name).parent == PurePosixPath(found[0]).parent]
    return sorted(own, key=lambda name: [int(part) for part in re.findall(r"\d+", PurePosixPath(name).name)])


def told(what: str, names: Iterable[str], shown: int = 5) -> tuple[str, ...]:
    """A note that names the first of some files or folders; none if there are none."""
    found = sorted(names)
    more = f" and {len(found) - shown} more" if len(found) > shown else ""
    return (f"{what}: {', '.join(found[:shown])}{more}.",) if found else ()


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
