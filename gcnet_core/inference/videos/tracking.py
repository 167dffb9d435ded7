"""Tracking: the same face keeps its number through a video."""

import math
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from gcnet_core.inference.results import FaceResult

Box = tuple[float, float, float, float]
PATIENCE = 1.0
"""Seconds for which a face that is not seen keeps its number, or two frames where these lie farther apart."""
REACH = 1.0
"""How far a face may be from where it was, in sides of its box, and how much larger or smaller (by a factor e)."""


@dataclass
class Track:
    """One face through a video."""

    number: int
    box: Box = (0.0, 0.0, 0.0, 0.0)
    """Where it was seen last."""
    seen: float = 0.0
    """When, seconds from the start."""


class Tracker:
    """Numbers the faces of one video after another; photographs are left as they are.

    Each frame's faces go to the faces that were there before so that all together moved least; a face that none is near
    gets a new number, and the new ones of a frame are numbered from left to right.
    """

    def __init__(self) -> None:
        self._begin("", 0.0)

    def _begin(self, file: str, time: float) -> None:
        """Forget all faces: another video begins."""
        self.file, self.last, self.numbers = file, time, 0
        self.tracks: list[Track] = []

    def __call__(self, faces: list[FaceResult]) -> list[FaceResult]:
        """Number the faces of the next picture.

        Args:
            faces: of one picture, from left to right.
        """
        frame = faces[0]
        if frame.frame is None or frame.time is None:
            return faces
        if frame.file != self.file:
            self._begin(frame.file, frame.time)
        patience = max(PATIENCE, 2.5 * (frame.time - self.last))
        self.last = frame.time
        self.tracks = [track for track in self.tracks if frame.time - track.seen <= patience]
        found = [face for face in faces if face.face is not None]
        boxes = [face.face.box for face in found if face.face is not None]
        if not boxes:
            return faces
        numbered = []
        for face, box, track in zip(found, boxes, self._matched(boxes), strict=True):
            shown = track or self._new()
            shown.box, shown.seen = box, frame.time
            numbered.append(replace(face, number=shown.number))
        return numbered

    def _new(self) -> Track:
        self.numbers += 1
        self.tracks.append(Track(self.numbers))
        return self.tracks[-1]

    def _matched(self, boxes: list[Box]) -> list[Track | None]:
        """The face of earlier frames that each box shows."""
        matched: list[Track | None] = [None] * len(boxes)
        if self.tracks:
            costs = movement(boxes, [track.box for track in self.tracks])
            for row, column in _assigned(costs):
                if costs[row, column] <= REACH:
                    matched[row] = self.tracks[column]
        return matched


def movement(new: list[Box], old: list[Box]) -> Float[np.ndarray, "new old"]:
    """How far each box is from each other one: distance of centres in sides, and the change of size.

    Args:
        new: left, top, width and height.
        old: the same.
    """

    def cost(one: Box, other: Box) -> float:
        sides = math.sqrt(one[2] * one[3]), math.sqrt(other[2] * other[3])
        if min(sides) <= 0:
            return math.inf
        across = one[0] + one[2] / 2 - other[0] - other[2] / 2
        down = one[1] + one[3] / 2 - other[1] - other[3] / 2
        return math.hypot(across, down) / max(sides) + abs(math.log(sides[0] / sides[1])) / 2

    return np.array([[cost(one, other) for other in old] for one in new])


def _assigned(costs: Float[np.ndarray, "new old"]) -> list[tuple[int, int]]:
    """Pairs that cost least together; those out of reach cost so much that none is made at a near one's expense."""
    if costs.shape == (1, 1):
        return [(0, 0)]  # the usual video has one face, and scipy takes a while to import
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.where(costs <= REACH, costs, 1e3))
    return list(zip(rows.tolist(), columns.tolist(), strict=True))
