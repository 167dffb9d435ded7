"""Detector: finds faces in a picture."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from gcnet_core.interfaces.buildable import Buildable
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.plugin_api import DetectorConfig, PluginError

Point = tuple[float, float]
"""x to the right and y down, in pixels from the top left corner of the picture."""


@dataclass(frozen=True)
class Face:
    """One face in a picture.

    Args:
        box: left, top, width and height, pixels.
        score: how sure the detector is; comparable between faces of one detector only.
        eyes: centres of the person's right eye, which is the left one of an upright face, and of the left eye; None
            where they were not found.
        guessed: whether the eyes were not seen, but put where they usually lie in a box of this detector, so that the
            crop is of the usual size.
        profile: whether the face is seen from the side.
    """

    box: tuple[float, float, float, float]
    score: float
    eyes: tuple[Point, Point] | None = None
    guessed: bool = False
    profile: bool = False

    @property
    def area(self) -> float:
        """Of the box, in square pixels."""
        return self.box[2] * self.box[3]

    @property
    def sees_eyes(self) -> bool:
        """Whether both eyes were found."""
        return self.eyes is not None and not self.guessed

    @property
    def turn(self) -> float:
        """Degrees by which the face is turned in the plane, clockwise from upright; 0 where the eyes are not known."""
        if self.eyes is None:
            return 0.0
        (right_x, right_y), (left_x, left_y) = self.eyes
        return math.degrees(math.atan2(left_y - right_y, left_x - right_x))


class Detector(Buildable, ABC):
    """Finds faces. One object is used by one thread at a time.

    Args:
        config: the options of the recipe or of the preparation.
        context: not needed by most.

    Raises:
        UserError: if something that it needs, such as a library or a model file, is missing.
    """

    def __init__(self, config: DetectorConfig, context: BuildContext) -> None:
        self.config = config

    @property
    @abstractmethod
    def version(self) -> str:
        """Names what decides where faces are found: library with version, model file with checksum."""

    @abstractmethod
    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """Find the faces that stand upright, or nearly so.

        Args:
            pixels: 0 to 255, grey (1 channel) or colour (3 channels, RGB), of any size; left as they are.
            name: of the picture, for detectors that look it up.

        Returns:
            Faces in any order, none where there is none.
        """


def checked_faces(detector: Detector, faces: object) -> list[Face]:
    """What a detector found, if it is what a detector must return.

    Args:
        detector: for the message.
        faces: what `detect` returned.

    Raises:
        PluginError: naming the detector, if it is no list of faces with finite numbers.
    """
    name = detector.origin or type(detector).__name__
    if not isinstance(faces, list | tuple):
        raise PluginError(f"{name}: detect returned {faces!r:.80}; expected a list of Face, empty where there is none")
    for face in faces:
        if not isinstance(face, Face) or not np.isfinite([*face.box, face.score]).all():
            raise PluginError(f"{name}: detect returned {face!r:.120}; expected a Face with finite numbers")
    return list(faces)
