"""A video that is written: frames at their times, at one rate."""

import errno
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.files import beside
from gcnet_core.plugin_api import RunFailed

CODE = "mp4v"
"""MPEG-4, which OpenCV's wheels can write everywhere."""


class VideoFile:
    """Writes frames into an MP4 file, which stands in its place when it is closed.

    A frame is shown until the next one's time: what was filmed at an uneven rate, or a second apart, keeps its pace.

    Args:
        path: of the file.
        rate: frames a second.
    """

    def __init__(self, path: Path, rate: float) -> None:
        self.path, self.rate = path, rate
        self.place, self.beside = ExitStack(), path
        self.writer: cv2.VideoWriter | None = None
        self.size, self.first, self.written = (0, 0), 0.0, 0
        self.shown: np.ndarray | None = None

    def add(self, pixels: UInt8[np.ndarray, "height width 3"], time: float) -> None:
        """Add a frame.

        Args:
            pixels: RGB; brought to the size of the first frame.
            time: at which it is shown, seconds.

        Raises:
            RunFailed: if this OpenCV cannot write videos.
        """
        if self.writer is None:
            height, width = pixels.shape[:2]
            self.size, self.first = (width + width % 2, height + height % 2), time
            self.beside = self.place.enter_context(beside(self.path))
            self.writer = cv2.VideoWriter(opencv_path(self.beside), cv2.VideoWriter.fourcc(*CODE), self.rate, self.size)
            if not self.writer.isOpened():
                self.writer = None
                with self.place:
                    raise RunFailed(f"{self.path}: OpenCV can write no MP4 video there; is the disk full?")
        self._hold_until(round((time - self.first) * self.rate))
        frame = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        if frame.shape[:2][::-1] != self.size:
            frame = cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA)
        self.shown = frame

    def close(self) -> None:
        """Finish the file."""
        if self.writer is None:
            return
        self._hold_until(self.written + 1)
        self.writer.release()
        self.writer = None
        with self.place:
            if _frames(self.beside) < self.written:  # OpenCV does not say that it could not write
                raise OSError(errno.ENOSPC, "the video is not whole")

    def _hold_until(self, slot: int) -> None:
        """Show the last frame until a place of the video."""
        while self.shown is not None and self.written < slot:
            assert self.writer is not None
            self.writer.write(self.shown)
            self.written += 1


def _frames(video: Path) -> int:
    """How many frames a file holds; none if it cannot be read."""
    return int(cv2.VideoCapture(opencv_path(video)).get(cv2.CAP_PROP_FRAME_COUNT))
