"""YuNet (Wu et al., Machine Intelligence Research 2023), through OpenCV's own class."""

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.interfaces import Face
from gcnet_detectors.config import OnnxConfig


class YuNet:
    """Runs a YuNet file.

    Args:
        config: file and thresholds.
    """

    def __init__(self, config: OnnxConfig) -> None:
        self.network = cv2.FaceDetectorYN.create(
            opencv_path(config.file), "", (320, 320), config.confidence, config.overlap
        )

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> list[Face]:
        """Faces with their eyes."""
        self.network.setInputSize((pixels.shape[1], pixels.shape[0]))
        _, rows = self.network.detect(cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        if rows is None:
            return []
        faces = []
        for row in rows.astype(float):
            x, y, width, height, right_x, right_y, left_x, left_y = row[:8].tolist()
            faces.append(Face((x, y, width, height), float(row[14]), ((right_x, right_y), (left_x, left_y))))
        return faces
