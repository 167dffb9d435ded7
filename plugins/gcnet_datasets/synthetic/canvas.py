"""Canvas: a picture in face units on which soft-edged shapes are laid."""

from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float

from gcnet_datasets.synthetic.curves import Points
from gcnet_datasets.synthetic.identity import Colour

EXTENT = 1.24
"""Half of the picture's width in face units."""


class Canvas:
    """A square picture from 0 to 255.

    Args:
        resolution: height and width in pixels.
        colour: RGB if true; else grey, which takes a third of the work.
    """

    def __init__(self, resolution: int, colour: bool) -> None:
        self.resolution = resolution
        self.pixel = resolution / (2 * EXTENT)  # pixels in one face unit
        # Channels first, because numpy repeats a mask over whole planes much faster than over triples.
        self.pixels: Float[np.ndarray, "channel height width"] = np.zeros(
            (3 if colour else 1, resolution, resolution), np.float32
        )

    def paint(
        self, outlines: Points | list[Points], colour: Colour, opacity: float = 1.0, softness: float = 0.0
    ) -> None:
        """Fill outlines with a colour.

        Args:
            outlines: one outline, or several of which an inner one leaves a hole.
            colour: 0 to 255.
            opacity: 0 (nothing happens) to 1 (covers what is below).
            softness: standard deviation of the blur of the edge, in face units.
        """
        if opacity < 0.02:  # not seen
            return
        shapes = outlines if isinstance(outlines, list) else [outlines]
        blur = softness * self.pixel
        margin = 2 + int(2.5 * blur)
        # OpenCV's whole numbers are the middles of pixels, and lie 16 apart in its fixed-point numbers.
        fixed = [((shape + EXTENT) * (16 * self.pixel) - 7.5).astype(np.int32) for shape in shapes]
        left, top, width, height = cv2.boundingRect(fixed[0] if len(fixed) == 1 else np.concatenate(fixed))
        right = min(self.resolution, (left + width) // 16 + margin)
        bottom = min(self.resolution, (top + height) // 16 + margin)
        left, top = max(0, left // 16 - margin), max(0, top // 16 - margin)
        if right <= left or bottom <= top:
            return
        mask: np.ndarray = np.zeros((bottom - top, right - left), np.uint8)
        cv2.fillPoly(mask, fixed, 255, lineType=cv2.LINE_AA, shift=4, offset=(-16 * left, -16 * top))
        if blur > 0.3:
            kernel = _gaussian(blur)
            mask = cv2.sepFilter2D(mask, -1, kernel, kernel)  # unlike GaussianBlur, wakes no threads for a small mask
        alpha = mask * np.float32(opacity / 255)
        for plane, level in zip(self.pixels[:, top:bottom, left:right], self._levels(colour), strict=True):
            plane += alpha * (np.float32(level) - plane)

    def _levels(self, colour: Colour) -> tuple[int | float, ...]:
        red, green, blue = colour
        return colour if len(self.pixels) == 3 else (0.299 * red + 0.587 * green + 0.114 * blue,)


def shade(colour: Colour, factor: float) -> Colour:
    """A darker (factor below 1) or lighter colour."""
    red, green, blue = (min(255.0, channel * factor) for channel in colour)
    return (red, green, blue)


@lru_cache(maxsize=256)
def _gaussian(std: float) -> Float[np.ndarray, "tap 1"]:
    kernel: Float[np.ndarray, "tap 1"] = cv2.getGaussianKernel(2 * round(2.2 * std) + 1, std, cv2.CV_32F)
    return kernel
