"""BlazeFace (Bazarevsky et al., arXiv 1907.05047) as the package mediapipe brings it, weights included."""

import importlib
from typing import Any

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.prepare import with_channels
from gcnet_core.interfaces import BuildContext, Detector, Face, Point
from gcnet_core.plugin_api import UserError
from gcnet_detectors.config import MediaPipeConfig
from gcnet_detectors.search import search_picture

INSTALL = "pip install --no-deps mediapipe==0.10.14 absl-py flatbuffers 'protobuf<5'"
MAX_SIDE = 1024
SHORT_RANGE = 0


class MediaPipe(Detector):
    """Finds faces and their eyes.

    Args:
        config: lowest score.
        context: not used.

    Raises:
        UserError: if mediapipe is not installed, or is a version without weights (0.10.30 and newer).
    """

    def __init__(self, config: MediaPipeConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        try:
            self.package: Any = importlib.import_module("mediapipe")
            solution = self.package.solutions.face_detection
        except (ImportError, AttributeError) as error:
            found = getattr(getattr(self, "package", None), "__version__", "none")
            raise UserError(
                f"the detector mediapipe needs the package mediapipe below 0.10.30 (found: {found}; {error}): {INSTALL}"
            ) from error
        self.model = solution.FaceDetection(model_selection=SHORT_RANGE, min_detection_confidence=config.confidence)

    @property
    def version(self) -> str:
        """The package's version, with which the weights come."""
        return f"mediapipe {self.package.__version__} face_detection short range"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """Faces turned by up to about 90 degrees."""
        search = search_picture(pixels, MAX_SIDE)
        height, width = search.pixels.shape[:2]
        answer = self.model.process(np.ascontiguousarray(with_channels(search.pixels, 3)))

        def point(relative: Any) -> Point:
            return search.back(relative.x * width, relative.y * height)

        faces = []
        for detection in answer.detections or ():
            place = detection.location_data
            box = place.relative_bounding_box
            faces.append(
                Face(
                    search.box(box.xmin * width, box.ymin * height, box.width * width, box.height * height),
                    float(detection.score[0]),
                    (point(place.relative_keypoints[0]), point(place.relative_keypoints[1])),
                )
            )
        return faces
