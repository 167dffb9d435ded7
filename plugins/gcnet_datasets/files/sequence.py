"""Sequences: which frames show an expression, and how strongly."""

from typing import Literal

Apex = Literal["last", "middle"]


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
