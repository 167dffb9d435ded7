"""BlazeFace (Bazarevsky et al., arXiv 1907.05047), short range: MediaPipe's file, run by OpenCV."""

import math
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.prepare import with_channels
from gcnet_core.files import checksum
from gcnet_core.interfaces import BuildContext, Detector, Face, Point
from gcnet_core.plugin_api import UserError
from gcnet_detectors.blazeface_answers import SIDE, decode
from gcnet_detectors.config import BlazeFaceConfig
from gcnet_detectors.search import Search, search_picture

Square = tuple[int, int, int]
"""Left, top and side of a square part of the picture, pixels."""

FILE = Path(__file__).with_name("blazeface.tflite")
OUTPUTS = ("classificators", "regressors")
LONGEST = 2 * SIDE
"""Longer side to which a larger picture is shrunk; halves of it are of the network's size."""
CLOSE = 0.25
"""Share of the longer side: where no face is wider, halves of the picture are searched for more, and smaller, ones."""
PROPOSED = 0.4
"""Lowest score of what is looked at again."""
AROUND = 3.5
"""Side of the square in which a face is looked at again, in widths of its box; upright ones score 0.85 and more."""
FILLS, SURE_ENOUGH = 0.55, 0.6
"""Share of the longer side from which a face fills the picture, and the lowest score of such a one."""
SAME = 0.4
"""Share of the smaller of two boxes that lies in the other one from which they are of one face."""


class BlazeFace(Detector):
    """Finds faces whose width is a fifteenth of the picture's longer side or more, and their eyes.

    Args:
        config: lowest score.
        context: not used.

    Raises:
        UserError: if OpenCV cannot read the file.
    """

    config: BlazeFaceConfig

    def __init__(self, config: BlazeFaceConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        try:
            self.network = cv2.dnn.readNetFromTFLite(np.frombuffer(FILE.read_bytes(), dtype=np.uint8))
        except (AttributeError, cv2.error) as error:
            raise UserError(
                f"the detector blazeface needs an OpenCV that reads TFLite files; OpenCV {cv2.__version__} does not "
                "(pip install 'opencv-python-headless>=4.10,<5'), or another detector, such as haar"
            ) from error

    @property
    def version(self) -> str:
        """The file and its checksum."""
        return f"BlazeFace short range sha256 {checksum(FILE)}"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """Faces turned by up to about 45 degrees."""
        search = search_picture(pixels, LONGEST)
        height, width = search.pixels.shape[:2]
        longer = max(height, width)
        whole = (width - longer) // 2, (height - longer) // 2, longer
        proposed = min(PROPOSED, self.config.confidence)
        faces = self._look(search, whole, proposed)
        if max((face.box[2] * search.scale for face in faces), default=0) < CLOSE * longer:
            faces += [face for part in halves(height, width) for face in self._look(search, part, proposed)]
        return distinct([again for face in distinct(faces) for again in self._look_again(pixels, search, face)])

    def _look_again(self, pixels: UInt8[np.ndarray, "height width channel"], search: Search, face: Face) -> list[Face]:
        """The face as seen from a usual distance, where eyes and scores are best; none if there is none after all."""
        left, top, width, height = face.box
        if width * search.scale > FILLS * max(search.pixels.shape[:2]):  # there is no farther away to look from
            return [face] if face.score >= min(SURE_ENOUGH, self.config.confidence) else []
        is_small = AROUND * width * search.scale < SIDE
        place = Search(pixels, 1.0, 0) if is_small else search  # small ones need every pixel that there is
        x, y = place.there(left + width / 2, top + height / 2)
        side = max(round(AROUND * width * place.scale), 2)
        rows, columns = place.pixels.shape[:2]
        corner = round(np.clip(x, 0, columns) - side / 2), round(np.clip(y, 0, rows) - side / 2)
        seen = self._look(place, (*corner, side), self.config.confidence)
        return [other for other in seen if _shared(face, other) > SAME][:1]

    def _look(self, search: Search, part: Square, confidence: float) -> list[Face]:
        """The faces in a part of the picture, which may reach beyond it."""
        left, top, side = part
        blob = cv2.dnn.blobFromImage(cut_out(search.pixels, part), 2 / 255, mean=(127.5, 127.5, 127.5))
        self.network.setInput(blob)
        scores, answers = (np.asarray(output)[0] for output in self.network.forward(OUTPUTS))

        def point(x: float, y: float) -> Point:
            return search.back(left + x * side - 0.5, top + y * side - 0.5)  # pixel centres lie at whole numbers

        faces = []
        for score, places in decode(scores[:, 0], answers, confidence):
            x, y, width, height, right_x, right_y, left_x, left_y = places[:8].tolist()
            corner, opposite = point(x - width / 2, y - height / 2), point(x + width / 2, y + height / 2)
            box = (*corner, opposite[0] - corner[0], opposite[1] - corner[1])
            faces.append(Face(box, score, (point(right_x, right_y), point(left_x, left_y))))
        return faces


def halves(height: int, width: int) -> list[Square]:
    """Squares of half the picture's longer side that overlap by half or more and cover it."""
    side = (max(height, width) + 1) // 2
    rows, columns = (_starts(length, side) for length in (height, width))
    return [(left, top, side) for top in rows for left in columns]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [(length - side) // 2]
    steps = math.ceil(2 * (length - side) / side)
    return [round(step * (length - side) / steps) for step in range(steps + 1)]


def cut_out(pixels: UInt8[np.ndarray, "height width channel"], part: Square) -> UInt8[np.ndarray, "128 128 3"]:
    """A part of the picture at the network's size, black where it reaches beyond."""
    left, top, side = part
    inner = pixels[max(top, 0) : top + side, max(left, 0) : left + side]
    above, before = max(-top, 0), max(-left, 0)
    below, behind = side - inner.shape[0] - above, side - inner.shape[1] - before
    square = cv2.copyMakeBorder(with_channels(inner, 3), above, below, before, behind, cv2.BORDER_CONSTANT)
    return np.asarray(
        cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR)
    )


def distinct(faces: list[Face]) -> list[Face]:
    """Without those that lie mostly in a surer one: the same face, seen in two parts of the picture."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if not any(_shared(face, other) > SAME for other in kept):
            kept.append(face)
    return kept


def _shared(face: Face, other: Face) -> float:
    """Area that two boxes have in common, as a share of the smaller one."""
    first, second = np.array(face.box), np.array(other.box)
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[:2] + first[2:], second[:2] + second[2:])
    return float(np.maximum(high - low, 0).prod() / min(face.area, other.area))
