"""No detector: the picture is the face."""

import numpy as np
from jaxtyping import UInt8

from gcnet_core.interfaces import Detector, Face


class WholePicture(Detector):
    """Takes each picture as one face, without eyes, so that it is only resized."""

    @property
    def version(self) -> str:
        """Nothing decides."""
        return "whole picture"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """One face, as large as the picture."""
        height, width = pixels.shape[:2]
        return [Face((0.0, 0.0, float(width), float(height)), 1.0)]
