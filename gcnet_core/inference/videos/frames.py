"""Frames of videos and cameras with the times at which they are shown."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import cv2
import numpy as np

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.inference.pictures import Picture, Unread
from gcnet_core.plugin_api import UserError

USUAL_RATE = 25.0
"""Frames a second where a file or a camera does not say."""


@dataclass(frozen=True)
class Frames:
    """Which frames are wanted.

    Args:
        every: seconds from one to the next; None: each frame.
        seconds: how long from the start; None: to the end.
    """

    every: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Video:
    """A video file.

    Args:
        name: its path, as it stands in the rows.
        short: its path below what the user named.
        frames: which are wanted.
    """

    name: str
    short: str
    frames: Frames

    def _capture(self) -> cv2.VideoCapture:
        """The opened video; one that is not open where OpenCV could not bear its name."""
        try:
            return cv2.VideoCapture(opencv_path(self.name))
        except UserError:
            return cv2.VideoCapture()

    @property
    def rate(self) -> float:
        """Wanted frames a second, about."""
        capture = self._capture()
        return _wanted_rate(capture, self.frames)

    def expected(self) -> int | None:
        """How many frames are wanted, about."""
        capture = self._capture()
        duration = _duration(capture)
        if duration is None:
            return None
        return max(1, round(min(duration, self.frames.seconds or math.inf) * _wanted_rate(capture, self.frames)))

    def pictures(self) -> Iterator[Picture | Unread]:
        """Wanted frames, and one picture with a reason where the file cannot be read, or ends too early."""
        try:
            opencv_path(self.name)
        except UserError as error:
            yield Picture(self.name, None, reason=str(error))
            return
        capture = self._capture()
        if not capture.isOpened():
            yield Picture(self.name, None, reason=f"{self.name}: not a video that can be read, or damaged")
            return
        rate, duration = _rate(capture), _duration(capture)
        frames, last = 0, 0.0
        for number, shown, picture in _grabbed(capture, self.name, self.frames, _file_clock(capture, rate)):
            frames, last = number + 1, shown
            if picture is not None:
                yield picture
        capture.release()
        if not frames:
            yield Picture(self.name, None, reason=f"{self.name}: a video without a frame that can be read")
        elif duration is not None and last < min(0.9 * duration, self.frames.seconds or math.inf) - 1:
            reason = f"{self.name}: ends after {last:.1f} of {duration:.1f} seconds; damaged, or cut off"
            yield Picture(self.name, None, frames, last, reason)


@dataclass(frozen=True)
class Camera:
    """A camera, which goes on until it is stopped.

    Args:
        number: 0 for the first.
        frames: which are wanted.
    """

    number: int
    frames: Frames

    @property
    def name(self) -> str:
        """As users write it."""
        return f"camera:{self.number}"

    @property
    def short(self) -> str:
        """For files that are made of it."""
        return f"camera-{self.number}.mp4"

    @property
    def rate(self) -> float:
        """Wanted frames a second, about."""
        return 1 / self.frames.every if self.frames.every else USUAL_RATE

    def expected(self) -> int | None:
        """Known if a length is set."""
        return round(self.frames.seconds * self.rate) if self.frames.seconds else None

    def pictures(self) -> Iterator[Picture | Unread]:
        """Frames, with seconds since the first.

        Raises:
            UserError: if there is no such camera, or another program has it.
        """
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)  # a camera that is missing is told below
        capture = cv2.VideoCapture(self.number)
        if not capture.isOpened():
            raise UserError(f"{self.name}: no such camera, or another program uses it")
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # frames of now, not of some moments ago
        started = time.monotonic()
        try:
            clock = lambda number: time.monotonic() - started  # noqa: E731
            for _, _, picture in _grabbed(capture, self.name, self.frames, clock):
                if picture is not None:
                    yield picture
        finally:
            capture.release()


def _grabbed(
    capture: Any, name: str, frames: Frames, clock: Callable[[int], float]
) -> Iterator[tuple[int, float, Picture | None]]:
    """Number and time of each frame, and the frame itself where it is wanted."""
    due = 0.0
    for number in count():
        if not capture.grab():
            return
        shown = clock(number)
        if frames.seconds is not None and shown >= frames.seconds:
            return
        if frames.every is not None:
            if shown < due - 1e-6:
                yield number, shown, None
                continue
            due = (math.floor(shown / frames.every + 1e-6) + 1) * frames.every
        good, pixels = capture.retrieve()
        if good:
            yield number, shown, Picture(name, _rgb(pixels), number, round(shown, 6))
        else:
            yield number, shown, Picture(name, None, number, round(shown, 6), f"{name}: frame {number} is damaged")


def _file_clock(capture: Any, rate: float) -> Callable[[int], float]:
    """The times that stand in a file, which need not be equally far apart; counted where it tells none."""
    last = -1.0

    def clock(number: int) -> float:
        nonlocal last
        told = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        last = told if math.isfinite(told) and told > last else max(last, 0.0) + (1 / rate if number else 0.0)
        return last

    return clock


def _rate(capture: Any) -> float:
    told = capture.get(cv2.CAP_PROP_FPS)
    return float(told) if math.isfinite(told) and 0 < told < 1000 else USUAL_RATE


def _wanted_rate(capture: Any, frames: Frames) -> float:
    return min(_rate(capture), 1 / frames.every) if frames.every else _rate(capture)


def _duration(capture: Any) -> float | None:
    """Seconds, as far as the file tells."""
    count = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    return float(count) / _rate(capture) if math.isfinite(count) and count > 0 else None


def _rgb(pixels: np.ndarray) -> np.ndarray:
    return pixels[:, :, None] if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
