"""The picture in which a detector searches: of a size that suits it, and the way back to the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import UInt8

MIN_SIDE = 192
"""Pixels to which the shorter side of a smaller picture grows: detectors are trained on faces of 20 pixels and more."""
BORDER = 0.15
"""Border around such a picture, as a share: a crop that ends at the cheeks is no face to a detector."""


@dataclass(frozen=True)
class Search:
    """A picture to search in.

    Args:
        pixels: of that picture.
        scale: its pixels for one pixel of the picture.
        border: pixels that were added on each side.
    """

    pixels: UInt8[np.ndarray, "height width channel"]
    scale: float
    border: int

    def there(self, x: float, y: float) -> tuple[float, float]:
        """A point of the picture in coordinates of the search picture."""
        return x * self.scale + self.border, y * self.scale + self.border

    def back(self, x: float, y: float) -> tuple[float, float]:
        """A point of the search picture in coordinates of the picture."""
        return (x - self.border) / self.scale, (y - self.border) / self.scale

    def box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        """A box of the search picture in coordinates of the picture."""
        return (*self.back(x, y), width / self.scale, height / self.scale)


def search_picture(pixels: UInt8[np.ndarray, "height width channel"], longest: int) -> Search:
    """Shrink a large picture, let a small one grow and give it a border.

    Args:
        pixels: the picture.
        longest: longer side above which it shrinks.
    """
    height, width, channels = pixels.shape
    scale = min(longest / max(height, width), 1.0)
    grows = min(height, width) < MIN_SIDE and max(height, width) < longest
    if grows:
        scale = min(MIN_SIDE / min(height, width), longest / max(height, width))
    if scale != 1:
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    border = round(BORDER * min(pixels.shape[:2])) if grows else 0
    if border:
        pixels = cv2.copyMakeBorder(pixels, border, border, border, border, cv2.BORDER_REPLICATE)
    return Search(pixels.reshape(*pixels.shape[:2], channels), scale, border)
