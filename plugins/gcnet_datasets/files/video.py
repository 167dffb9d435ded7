"""Videos: how many frames, of which size, and one of them. OpenCV is loaded only when a video is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.plugin_api import UserError

if TYPE_CHECKING:
    import numpy as np


def frame_count(path: Path) -> int:
    """The number of frames that can be decoded; what a file's header says is often wrong, so they are counted.

    Raises:
        UserError: if it is not a video.
    """
    with _opened(path) as video:
        count = 0
        while video.grab():
            count += 1
    if not count:
        raise UserError(f"{path}: a video without a frame that can be decoded")
    return count


def frame_size(path: Path) -> tuple[int, int]:
    """Height and width of the frames, in pixels.

    Raises:
        UserError: if it is not a video.
    """
    import cv2

    with _opened(path) as video:
        return int(video.get(cv2.CAP_PROP_FRAME_HEIGHT)), int(video.get(cv2.CAP_PROP_FRAME_WIDTH))


def read_frame(path: Path, index: int) -> "np.ndarray":
    """One frame, decoded from the beginning, because seeking is off by some frames in many codecs.

    Args:
        path: of the video.
        index: from 0.

    Returns:
        Pixels 0 to 255, height x width x 3, blue first as OpenCV has them.

    Raises:
        UserError: if it is not a video or has fewer frames.
    """
    with _opened(path) as video:
        for _ in range(index):
            video.grab()
        found, pixels = video.read()
    if not found:
        raise UserError(f"{path}: frame {index} cannot be decoded")
    return pixels


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import cv2

    video = cv2.VideoCapture(opencv_path(path))
    try:
        if not video.isOpened():
            raise UserError(f"{path}: not a video that OpenCV can read; videos in archives must be unpacked first")
        yield video
    finally:
        video.release()
