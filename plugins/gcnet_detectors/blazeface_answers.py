"""What BlazeFace answers, as faces: places relative to anchors, several for one face."""

import numpy as np
from jaxtyping import Float

SIDE = 128
"""Height and width of the network's picture, pixels."""
GRIDS = ((16, 2), (8, 6))
"""Cells in a row of each of its maps, and answers of a cell."""
OVERLAP = 0.3
"""Answers whose boxes overlap more are of one face (intersection over union)."""


def decode(
    logits: Float[np.ndarray, "answer"], answers: Float[np.ndarray, "answer 16"], confidence: float
) -> list[tuple[float, Float[np.ndarray, "16"]]]:
    """Faces from the network's answers, the surest first; those of one face are averaged by their scores.

    Args:
        logits: of a face, by anchor.
        answers: centre, width and height of the box, then six points, the eyes first, by anchor: x and y in pixels of
            the network's picture from the anchor.
        confidence: lowest score of a face.

    Returns:
        Scores, and the same numbers as shares of the network's picture from its corner.
    """
    scores = 1 / (1 + np.exp(-np.clip(logits.astype(float), -100, 100)))
    sure = scores >= confidence
    places = answers[sure].astype(float) / SIDE
    places[:, :2] += ANCHORS[sure]
    places[:, 4:] += np.tile(ANCHORS[sure], 6)
    order = np.argsort(-scores[sure], kind="stable")
    scores, places = scores[sure][order], places[order]
    found = []
    while len(scores):
        same = _overlap(places[0, :4], places[:, :4]) > OVERLAP
        same[0] = True
        found.append((float(scores[0]), np.average(places[same], axis=0, weights=scores[same])))
        scores, places = scores[~same], places[~same]
    return found


def _anchors() -> Float[np.ndarray, "answer 2"]:
    """Centres of the cells, one for each answer, as shares of the picture."""
    centres = []
    for cells, answers in GRIDS:
        y, x = np.divmod(np.arange(cells**2), cells)
        centres.append(np.repeat(np.stack([x, y], axis=1) + 0.5, answers, axis=0) / cells)
    return np.concatenate(centres)


def _overlap(box: Float[np.ndarray, "4"], boxes: Float[np.ndarray, "box 4"]) -> Float[np.ndarray, "box"]:
    """Intersection over union of boxes that are given by centre, width and height."""
    low = np.maximum(box[:2] - box[2:] / 2, boxes[:, :2] - boxes[:, 2:] / 2)
    high = np.minimum(box[:2] + box[2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2)
    common = np.maximum(high - low, 0).prod(axis=1)
    return np.asarray(common / (box[2:].prod() + boxes[:, 2:].prod(axis=1) - common))


ANCHORS = _anchors()
