"""A video that is written: frames at their times, at one rate."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.files import SHARED
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
        self.beside = path.with_name(f".{path.name}.part{path.suffix}")
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
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = cv2.VideoWriter(str(self.beside), cv2.VideoWriter.fourcc(*CODE), self.rate, self.size)
            if not self.writer.isOpened():
                raise RunFailed(f"{self.path}: this OpenCV cannot write MP4 videos")
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
        self.beside.chmod(SHARED)
        self.beside.replace(self.path)

    def _hold_until(self, slot: int) -> None:
        """Show the last frame until a place of the video."""
        while self.shown is not None and self.written < slot:
            assert self.writer is not None
            self.writer.write(self.shown)
            self.written += 1
