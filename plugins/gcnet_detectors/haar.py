"""OpenCV's cascades (Viola and Jones, CVPR 2001): frontal faces, the eyes in them, and profiles."""

import itertools
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.opencv_path import opencv_path
from gcnet_core.data.prepare import with_channels
from gcnet_core.interfaces import BuildContext, Detector, Face, Point
from gcnet_core.plugin_api import UserError
from gcnet_detectors.config import HaarConfig
from gcnet_detectors.search import search_picture

Box = tuple[float, float, float, float]
Cascade = Any
"""cv2.CascadeClassifier, which OpenCV 5 does not have: this module must be importable there, to say so."""
Grey = UInt8[np.ndarray, "height width"]

# About the means over 44 photographs (London, CK+), the eyes as MediaPipe's mesh sees them
EYES_IN_BOX = ((0.33, 0.40), (0.67, 0.40))
"""Where the eyes lie in the box of a frontal face, as shares of its width and height."""
SPREAD = 0.06
"""How far they usually are from there, and a pair from its usual distance, as a share."""
ONE_EYE_COST = 6.0
"""What it costs, in squares of usual spreads, to guess one of the eyes as the mirror image of the other."""
MAX_PAIR_COST = 24.0
EYE_REGION = (0.15, 0.65)
"""The part of a box's height in which eyes are searched."""
REGION_WIDTH = 160
"""Pixels to which the width of that region is brought, so that eyes have one size."""


class Haar(Detector):
    """Finds frontal faces, then in each the most plausible pair of eyes; profiles where no frontal face is.

    Args:
        config: sizes of search.
        context: not used.

    Raises:
        UserError: if the installed OpenCV has no cascades, as OpenCV 5.
    """

    config: HaarConfig

    def __init__(self, config: HaarConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.frontal, self.profile = _cascade("frontalface_default"), _cascade("profileface")
        self.eyes = [_cascade("eye"), _cascade("eye_tree_eyeglasses")]

    @property
    def version(self) -> str:
        """OpenCV's version, with which the cascades come."""
        return f"OpenCV {cv2.__version__} haarcascade_frontalface_default"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """Faces turned by up to about 20 degrees."""
        grey = with_channels(pixels, 1)[:, :, 0]
        faces = []
        for box, score in self._boxes(self.frontal, grey):
            eyes = self._eye_pair(grey, box)
            faces.append(Face(box, score, eyes or usual_eyes(box), guessed=eyes is None))
        return self._profiles(grey) if self.config.profiles and not faces else faces

    def _profiles(self, grey: Grey) -> list[Face]:
        """Faces that look to one side or, where there is none, to the other, which the cascade sees in a mirror."""
        boxes = self._boxes(self.profile, grey)
        if not boxes:
            in_mirror = self._boxes(self.profile, np.ascontiguousarray(grey[:, ::-1]))
            boxes = [(_mirrored(box, grey.shape[1]), score) for box, score in in_mirror]
        return [Face(box, score, usual_eyes(box), guessed=True, profile=True) for box, score in boxes]

    def _boxes(self, cascade: Cascade, grey: Grey) -> list[tuple[Box, float]]:
        search = search_picture(grey[:, :, None], self.config.search_size)
        inner = min(grey.shape) * search.scale
        smallest = max(round(self.config.smallest * inner), 20)
        boxes, _, weights = cascade.detectMultiScale3(
            search.pixels[:, :, 0],
            scaleFactor=1.1,
            minNeighbors=self.config.neighbors,
            minSize=(smallest, smallest),
            outputRejectLevels=True,
        )
        scores = np.ravel(weights)
        return [(search.box(*map(float, box)), float(score)) for box, score in zip(boxes, scores, strict=True)]

    def _eye_pair(self, grey: Grey, box: Box) -> tuple[Point, Point] | None:
        """The pair of eyes that lies most nearly where eyes lie in a box; None if none is plausible."""
        left, top, width, height = box
        first, last = (top + share * height for share in EYE_REGION)
        x, y = max(round(left), 0), max(round(first), 0)
        region = grey[y : max(round(last), 0), x : max(round(left + width), 0)]
        if min(region.shape) < 8:
            return None
        scale = REGION_WIDTH / width
        shape = (max(round(region.shape[1] * scale), 1), max(round(region.shape[0] * scale), 1))
        region = cv2.resize(region, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        centres = []
        for cascade in self.eyes:
            for eye in cascade.detectMultiScale(region, 1.05, 3, minSize=(24, 24), maxSize=(70, 70)):
                eye_left, eye_top, eye_width, eye_height = eye
                centres.append((x + (eye_left + eye_width / 2) / scale, y + (eye_top + eye_height / 2) / scale))
        middle = left + width / 2
        pairs = [(pair_cost(pair, box), pair) for pair in itertools.permutations(centres, 2)]
        for centre in centres:  # the other eye may be closed or in shadow
            mirrored = (2 * middle - centre[0], centre[1])
            pair = min(centre, mirrored), max(centre, mirrored)
            pairs.append((pair_cost(pair, box) + ONE_EYE_COST, pair))
        least, best = min(pairs, default=(math.inf, None))
        return best if least < MAX_PAIR_COST else None


def _mirrored(box: Box, picture_width: int) -> Box:
    left, top, width, height = box
    return picture_width - left - width, top, width, height


def usual_eyes(box: Box) -> tuple[Point, Point]:
    """Where the eyes usually lie in a box."""
    left, top, width, height = box
    right_eye, left_eye = ((left + x * width, top + y * height) for x, y in EYES_IN_BOX)
    return right_eye, left_eye


def pair_cost(eyes: tuple[Point, Point], box: Box) -> float:
    """How far a pair of eyes is from the usual one: sum of squares of distance, slope and place, in usual spreads."""
    left, top, width, height = box
    (right_x, right_y), (left_x, left_y) = [((x - left) / width, (y - top) / height) for x, y in eyes]
    (usual_right_x, usual_y), (usual_left_x, _) = EYES_IN_BOX
    distance = left_x - right_x - (usual_left_x - usual_right_x)
    slope = (left_y - right_y) / 2  # a face may be turned a little
    across, down = (left_x + right_x) / 2 - 0.5, (left_y + right_y) / 2 - usual_y
    return sum((deviation / SPREAD) ** 2 for deviation in (distance, slope, across, down))


def _cascade(name: str) -> Cascade:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / f"haarcascade_{name}.xml"
    if not hasattr(cv2, "CascadeClassifier") or not path.is_file():
        raise UserError(
            f"the detector haar needs the cascades of OpenCV below 5, and OpenCV {cv2.__version__} has none: "
            "pip install 'opencv-python-headless<5'"
        )
    return cv2.CascadeClassifier(opencv_path(path))
