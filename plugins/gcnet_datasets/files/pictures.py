"""Pictures by name: a file, and after `#` which frame, row or rectangle of it.

    images/a.jpg                       the whole picture
    images/a.jpg#xywh=20,10,64,64      a rectangle of it: left, top, width, height
    S035-004.avi#frame=12&rotate=90    a frame of a video, turned clockwise
    S035-004.avi#frame=12&half=right   the right half of a frame
    fer2013.csv#row=17                 the pixels in a row of a list

Pixel rectangles are written as W3C Media Fragments write them (section 4.2.2).
"""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.decode import decode
from gcnet_core.data.picture_files import split_name
from gcnet_core.plugin_api import UserError
from gcnet_datasets.files.table import rows
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.files.video import read_frame

Pixels = UInt8[np.ndarray, "height width channel"]
Change = Callable[[np.ndarray, str], np.ndarray]
_TURNS = {"90": cv2.ROTATE_90_CLOCKWISE, "-90": cv2.ROTATE_90_COUNTERCLOCKWISE, "180": cv2.ROTATE_180}


class Pictures:
    """Decodes pictures of one root.

    Args:
        root: a folder, or a zip archive.
    """

    def __init__(self, root: Path) -> None:
        self.tree = Tree(root)
        self._pixel_rows = cache(self._read_pixel_rows)
        self._lock = threading.Lock()

    def read(self, name: str) -> Pixels:
        """Decode one picture.

        Args:
            name: as in the list above.

        Returns:
            Grey (1 channel) where the file is grey, else RGB.

        Raises:
            UserError: if it is missing, damaged, or the rectangle is outside.
        """
        file, fragment = split_name(name)
        steps = [step.split("=", 1) for step in fragment.split("&") if step]
        chosen = dict(steps)
        if "frame" in chosen:
            pixels = cv2.cvtColor(read_frame(self.tree.path(file), int(chosen["frame"])), cv2.COLOR_BGR2RGB)
        elif "row" in chosen:
            pixels = self._row(file, int(chosen["row"]))
        else:
            pixels = self._decoded(file)
        cut = self._cut(name)
        changes: dict[str, Change] = {"rotate": _turned, "half": _half, "xywh": cut}
        for key, value in steps:
            if key in changes:
                pixels = changes[key](pixels, value)
        return pixels

    def _decoded(self, file: str) -> Pixels:
        return decode(self.tree.read(file), self.tree.path(file))

    def _row(self, file: str, number: int) -> Pixels:
        with self._lock:  # one thread reads the list, the others wait for it
            listed = self._pixel_rows(file)
        if number >= len(listed):
            raise UserError(f"{self.tree.path(file)}: no row {number}; it has {len(listed)}")
        return listed[number]

    def _read_pixel_rows(self, file: str) -> list[Pixels]:
        listed = []
        for row in rows(self.tree, file, "pixels"):
            try:
                values = np.array(row.cells["pixels"].split(), dtype=np.uint8)
            except (ValueError, OverflowError) as error:
                raise UserError(f"{row.where}: pixels are not numbers from 0 to 255 ({error})") from error
            side = round(len(values) ** 0.5)
            if side * side != len(values) or not side:
                raise UserError(f"{row.where}: {len(values)} pixels are no square")
            listed.append(values.reshape(side, side, 1))
        return listed

    def _cut(self, name: str) -> Change:
        def cut(pixels: np.ndarray, value: str) -> np.ndarray:
            try:
                left, top, width, height = (int(float(number)) for number in value.split(","))
            except (ValueError, OverflowError) as error:
                raise UserError(
                    f"{self.tree.path(name)}: a rectangle is four numbers, left, top, width and height"
                ) from error
            part = pixels[max(top, 0) : top + height, max(left, 0) : left + width]
            if not part.size:
                raise UserError(f"{self.tree.path(name)}: the rectangle is outside the picture of {pixels.shape[:2]}")
            return part

        return cut


def _turned(pixels: np.ndarray, degrees: str) -> np.ndarray:
    turned = cv2.rotate(pixels, _TURNS[degrees])
    return turned[:, :, None] if turned.ndim == 2 else turned


def _half(pixels: np.ndarray, side: str) -> np.ndarray:
    middle = pixels.shape[1] // 2
    return pixels[:, middle:] if side == "right" else pixels[:, :middle]
