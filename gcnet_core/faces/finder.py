"""FaceFinder: from a picture to the crops of its faces, the same for preparation and prediction."""

import threading
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from gcnet_core.faces.align import align, outside
from gcnet_core.faces.config import PreparationConfig, dump
from gcnet_core.faces.rotation import Pixels, turn, turn_back
from gcnet_core.interfaces import BuildContext, Detector, Face
from gcnet_core.interfaces.detector import checked_faces
from gcnet_core.plugin_api import DetectorConfig, ImageConfig, Registry

STRAIGHT, STRAIGHTENINGS = 12.0, 3
"""Degrees by which a face may be turned where its eyes are sought, and how often it is straightened."""
SMALLEST_SIDE = 8
"""Pixels; smaller pictures hold no face."""
MOST_OBLONG = 100
"""How many times as long as wide a picture may be to hold a face."""
MIN_RELATIVE_SCORE = 0.55
"""Share of the surest face's score below which another one in the same picture does not count."""


@dataclass(frozen=True, eq=False)
class Crop:
    """A face that was cut out.

    Args:
        face: where it was.
        pixels: of the crop.
        outside: share of the crop that lies beyond the picture.
    """

    face: Face
    pixels: UInt8[np.ndarray, "size size channel"]
    outside: float


@dataclass(frozen=True)
class Found:
    """What was found in one picture.

    Args:
        faces: how many.
        crops: those that were taken, first those whose eyes were seen, the largest first; none without faces, or where
            several are skipped.
    """

    faces: int
    crops: tuple[Crop, ...]


class FaceFinder:
    """Finds, aligns and cuts out faces. Threads may share it: each gets a detector of its own.

    Args:
        config: how.
        registry: where the detector is found.

    Raises:
        UserError: if something that the detector needs is missing.
    """

    def __init__(self, config: PreparationConfig, registry: Registry) -> None:
        self.config = config
        self.context = BuildContext(registry, ImageConfig())
        self.own = threading.local()
        self.version = self.detector.version  # builds one, so that what is missing is told at once

    @property
    def detector(self) -> Detector:
        """The detector of this thread."""
        if not hasattr(self.own, "detector"):
            self.own.detector = self.context.build(self.config.detector)
        detector: Detector = self.own.detector
        return detector

    @property
    def settings(self) -> dict[str, object]:
        """Everything that decides what a crop looks like, as it is saved."""
        return dump(self.config, self.version)

    def find(self, pixels: Pixels, name: str = "") -> Found:
        """Cut out the faces of a picture.

        Args:
            pixels: 0 to 255, grey or RGB.
            name: of the picture.
        """
        faces = sorted(self.faces(pixels, name), key=lambda face: (face.sees_eyes, face.area), reverse=True)
        taken = faces if self.config.several == "all" else faces[:1]
        if self.config.several == "skip" and len(faces) > 1:
            taken = []
        crops = [
            Crop(face, align(pixels, face, self.config), outside(face, self.config, pixels.shape)) for face in taken
        ]
        return Found(len(faces), tuple(crops))

    def faces(self, pixels: Pixels, name: str = "") -> list[Face]:
        """The faces of a picture; where none stands upright for sure, the surest of those in turned copies of it.

        There is much that looks like a face to a detector if one looks often enough, and some people's faces are
        seen less surely than others'. So a face in a turned copy must have both eyes, must be seen again when the
        picture is turned by exactly the angle of the eyes, and must be surer than what stands upright, by a margin;
        against an upright face with both eyes it must be as sure as one that is taken without a look at copies.

        Raises:
            PluginError: if the detector returns something else than faces.
        """
        options: DetectorConfig = self.config.detector.config
        upright = _confident(self._detect(pixels, name))
        if not options.rotations:
            return upright
        upright = self._straightened(pixels, name, upright)
        if _highest_score(upright) >= options.min_confidence:
            return upright
        in_copies = [self._in_turned_copy(pixels, name, degrees) for degrees in options.rotations]
        angles = [_surest(faces).turn for faces in in_copies if faces]
        seen_again = [self._in_turned_copy(pixels, name, angle) for angle in angles]
        best = max(seen_again, key=_highest_score, default=[])
        least = options.rotation_margin * _highest_score(upright)
        if any(face.sees_eyes for face in upright):
            least = max(least, options.min_confidence)
        return self._straightened(pixels, name, best) if _highest_score(best) > least else upright

    def _detect(self, pixels: Pixels, name: str) -> list[Face]:
        shorter, longer = sorted(pixels.shape[:2])
        if shorter < SMALLEST_SIDE or longer > MOST_OBLONG * shorter:  # detectors shrink pictures, these to nothing
            return []
        return checked_faces(self.detector, self.detector.detect(pixels, name))

    def _straightened(self, pixels: Pixels, name: str, faces: list[Face]) -> list[Face]:
        """The faces with their eyes as seen where the surest stands straight, because there they are seen best."""
        angle = 0.0
        for _ in range(STRAIGHTENINGS):
            with_eyes = [face for face in faces if face.sees_eyes]
            if not with_eyes or abs(_surest(with_eyes).turn - angle) < STRAIGHT:
                break
            angle = _surest(with_eyes).turn
            again = self._in_turned_copy(pixels, name, angle)
            if len(again) < len(faces):
                break
            faces = again
        return faces

    def _in_turned_copy(self, pixels: Pixels, name: str, degrees: float) -> list[Face]:
        turned, back = turn(pixels, degrees)
        faces = _confident(self._detect(turned, name))
        return [turn_back(face, back) for face in faces if face.sees_eyes]


def _confident(faces: list[Face]) -> list[Face]:
    """Without those that are far less sure than the surest: beside a face they are patterns on a wall or a shirt."""
    least = MIN_RELATIVE_SCORE * _highest_score(faces)
    return [face for face in faces if face.score >= least]


def _surest(faces: list[Face]) -> Face:
    return max(faces, key=lambda face: face.score)


def _highest_score(faces: list[Face]) -> float:
    return max((face.score for face in faces), default=0.0)
