"""Options of the detectors."""

from typing import Literal

from pydantic import Field

from gcnet_core.plugin_api import DetectorConfig, UserPath

ROTATIONS, MIN_CONFIDENCE, ROTATION_MARGIN = (
    DetectorConfig.model_fields[name].description for name in ("rotations", "min_confidence", "rotation_margin")
)
ALL_ROUND = (30.0, -30.0, 60.0, -60.0, 90.0, -90.0, 120.0, -120.0, 150.0, -150.0, 180.0)
"""For detectors that find faces which are turned by up to 20 degrees."""


class WholePictureConfig(DetectorConfig):
    """No search."""


class HaarConfig(DetectorConfig):
    """OpenCV's cascades of Haar features."""

    rotations: tuple[float, ...] = Field(ALL_ROUND, description=ROTATIONS)
    min_confidence: float = Field(4.5, description=MIN_CONFIDENCE)
    rotation_margin: float = Field(2.0, ge=1, description=ROTATION_MARGIN)
    search_size: int = Field(
        480, ge=64, le=65_536, description="longer side to which a larger picture is shrunk for the search, pixels"
    )
    smallest: float = Field(
        0.1, gt=0, le=1, description="side of the smallest face, as a share of the picture's shorter side"
    )
    neighbors: int = Field(
        4, ge=0, le=1000, description="how many overlapping hits make a face; more: fewer false ones, fewer true ones"
    )
    profiles: bool = Field(True, description="search for faces seen from the side where no frontal one is found")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"neighbors": 1})


class BlazeFaceConfig(DetectorConfig):
    """BlazeFace, the short-range model: faces within two metres of the camera."""

    rotations: tuple[float, ...] = Field((60.0, -60.0, 120.0, -120.0, 180.0), description=ROTATIONS)
    min_confidence: float = Field(0.85, description=MIN_CONFIDENCE)
    confidence: float = Field(0.75, ge=0, le=1, description="lowest score of a face")

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"confidence": 0.2})


class MediaPipeConfig(BlazeFaceConfig):
    """The same model, run by the package mediapipe."""

    confidence: float = Field(0.5, ge=0, le=1, description="lowest score of a face")


class OnnxConfig(DetectorConfig):
    """A model in a file."""

    rotations: tuple[float, ...] = Field(ALL_ROUND, description=ROTATIONS)
    min_confidence: float = Field(0.7, description=MIN_CONFIDENCE)
    file: UserPath = Field(description="the .onnx file, relative to where gcnet is started")
    format: Literal["auto", "yunet", "centerface"] = Field(
        "auto", description="what its outputs mean; `auto`: told by their number"
    )
    confidence: float = Field(0.5, gt=0, lt=1, description="lowest score of a face")
    overlap: float = Field(0.3, gt=0, lt=1, description="two boxes that overlap more are one face (IoU)")
    search_size: int = Field(
        640, ge=64, le=65_536, description="longer side to which a larger picture is shrunk for the search, pixels"
    )

    def permissive(self) -> DetectorConfig:
        return super().permissive().model_copy(update={"confidence": 0.2})


class BoxesConfig(DetectorConfig):
    """A list."""

    file: UserPath = Field(
        description="CSV file with the columns image, x, y, width, height, and optionally right_eye_x, right_eye_y, "
        "left_eye_x, left_eye_y (the person's right eye is the left one of an upright face) and score, pixels; "
        "faces.csv of `gcnet data prepare` is one"
    )
