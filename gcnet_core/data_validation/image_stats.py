"""ImageStats: what one pass over the images of a data set sees of each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int32, UInt8

from gcnet_core.data.in_threads import in_threads
from gcnet_core.data.prepare import prepare
from gcnet_core.plugin_api import ImageConfig, PluginError, UserError

SIDE = 48
"""Pixels of the thumbnails that are compared: the size of FER2013, so that its images are compared as they are."""


@dataclass(frozen=True)
class ImageStats:
    """What was seen, in the order of the names.

    Args:
        names: of all images.
        faults: why an image could not be read; empty where it could.
        shape: height, width, and 1 for grey or 3 for colour; zeros where it could not be read.
        constant: whether all pixels are equal.
        thumbnails: grey.
    """

    names: tuple[str, ...]
    faults: tuple[str, ...]
    shape: Int32[np.ndarray, "image 3"]
    constant: Bool[np.ndarray, "image"]
    thumbnails: UInt8[np.ndarray, "image side side"]


def image_stats(
    names: Sequence[str],
    read: Callable[[str], np.ndarray],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> ImageStats:
    """Read each image once; one that cannot be read stops nothing.

    Args:
        names: of the images.
        read: `Dataset.read`.
        progress: called with the number of images done and in all.

    Raises:
        PluginError: if the data set gives something else than pictures.
    """
    small = ImageConfig(size=SIDE, channels=1)
    thumbnails = np.zeros((len(names), SIDE, SIDE), dtype=np.uint8)
    shapes = np.zeros((len(names), 3), dtype=np.int32)
    constant = np.zeros(len(names), dtype=bool)
    faults: list[str] = []

    def stats_of(name: str) -> tuple[str, tuple[int, int, int], bool, np.ndarray | None]:
        try:
            pixels = read(name)
        except PluginError:  # a fault of the data set, not of the image
            raise
        except UserError as error:
            return str(error), (0, 0, 0), False, None
        height, width, channels = pixels.shape
        if channels == 3 and (pixels == pixels[:, :, :1]).all():
            channels = 1  # grey, written as colour
        flat = (pixels[-1, -1] == pixels[0, 0]).all() and (pixels == pixels[0, 0]).all()
        return "", (height, width, channels), bool(flat), prepare(pixels, small)[0]

    for seen in in_threads(stats_of, names):
        for row, (_, shape, flat, thumbnail) in enumerate(seen, start=len(faults)):
            shapes[row], constant[row] = shape, flat
            if thumbnail is not None:
                thumbnails[row] = thumbnail
        faults += [fault for fault, *_ in seen]
        progress(len(faults), len(names))
    return ImageStats(tuple(names), tuple(faults), shapes, constant, thumbnails)
