"""CenterFace (Xu et al., arXiv 1911.03599): a map of face centres; at each place size, offset, landmarks."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from gcnet_core.interfaces import Face
from gcnet_detectors.config import OnnxConfig
from gcnet_detectors.session import open_session

STRIDE = 4
"""Pixels of the picture for one cell of the maps."""
MULTIPLE = 32
"""Sides of the picture must be multiples of this."""


class CenterFace:
    """Runs a CenterFace file on onnxruntime; OpenCV's own runtime gives wrong boxes with it.

    Args:
        config: file and thresholds.

    Raises:
        UserError: if onnxruntime is not installed or cannot read the file.
    """

    def __init__(self, config: OnnxConfig) -> None:
        self.config = config
        self.session = open_session(Path(config.file), any_size=True)

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> list[Face]:
        """Faces with their eyes."""
        height, width = (-(-side // MULTIPLE) * MULTIPLE for side in pixels.shape[:2])
        resized = cv2.resize(pixels, (width, height))
        images = resized.astype(np.float32).transpose(2, 0, 1)[None]
        answers = self.session.run(None, {self.session.get_inputs()[0].name: images})
        heat, size, offset, landmarks = (np.asarray(answer)[0] for answer in answers)
        ratio = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
        return decode(heat, size, offset, landmarks, ratio, self.config)


def decode(
    heat: Float[np.ndarray, "1 row column"],
    size: Float[np.ndarray, "2 row column"],
    offset: Float[np.ndarray, "2 row column"],
    landmarks: Float[np.ndarray, "10 row column"],
    ratio: Float[np.ndarray, "2"],
    config: OnnxConfig,
) -> list[Face]:
    """Faces from the four maps; in each, y comes before x.

    Args:
        heat: probability that the centre of a face lies here.
        size: logarithm of height and width, in cells.
        offset: of the centre within its cell.
        landmarks: five points as shares of height and width from the box's corner; the eyes come first.
        ratio: pixels of the answer for one pixel of the network's picture, in x and y.
        config: thresholds.
    """
    rows, columns = np.nonzero(heat[0] > config.confidence)
    scores = heat[0, rows, columns].astype(float)
    sides = STRIDE * np.exp(size[:, rows, columns])  # height, width
    centres = STRIDE * (np.stack([rows, columns]) + offset[:, rows, columns] + 0.5)
    corners = centres - sides / 2
    eyes = corners[None] + landmarks[:4, rows, columns].reshape(2, 2, -1) * sides[None]  # eye, y or x, face
    boxes = (np.concatenate([corners[::-1], sides[::-1]]) * np.tile(ratio, 2)[:, None]).T
    points = (eyes[:, ::-1] * ratio[:, None]).transpose(2, 0, 1)
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), config.confidence, config.overlap) if len(boxes) else []
    faces = []
    for index in kept:
        left, top, width, height = boxes[index].tolist()
        (right_x, right_y), (left_x, left_y) = points[index].tolist()
        face = Face((left, top, width, height), float(scores[index]), ((right_x, right_y), (left_x, left_y)))
        faces.append(face)
    return faces
