"""Answers: what was found in a picture as the endpoints tell it, pictures included."""

import base64
from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.inference.results import FaceResult
from gcnet_core.serve.schemas import Box, FaceAnswer, FacePictures, PictureAnswer, Point

STRONG = 0.35
"""Difference of brightness, of 1, that has the strongest color: the same for every face, so that maps compare."""

Prepared = UInt8[np.ndarray, "channel height width"]


def picture_answer(
    name: str, size: tuple[int, int] | None, found: Sequence[FaceResult], with_pictures: bool
) -> PictureAnswer:
    """What is told of a picture.

    Args:
        name: of its file.
        size: width and height; None where it could not be read.
        found: in it; its faces, or one result with a reason.
        with_pictures: whether the faces are sent back.
    """
    width, height = size or (None, None)
    return PictureAnswer(
        file=name,
        width=width,
        height=height,
        reason=found[0].reason,
        faces=[face_answer(face, with_pictures) for face in found if face.label is not None],
    )


def face_answer(result: FaceResult, with_pictures: bool) -> FaceAnswer:
    """What is told of a face."""
    face = result.face
    eyes = face.eyes if face else None
    return FaceAnswer(
        number=result.number or 1,
        box=Box(**dict(zip(("x", "y", "width", "height"), face.box, strict=True))) if face else None,
        right_eye=Point(x=eyes[0][0], y=eyes[0][1]) if eyes else None,
        left_eye=Point(x=eyes[1][0], y=eyes[1][1]) if eyes else None,
        score=face.score if face else None,
        turn=face.turn if face else None,
        label=str(result.label),
        probabilities=result.probabilities,
        distance=result.distance,
        pictures=_pictures(result) if with_pictures else None,
    )


def _pictures(result: FaceResult) -> FacePictures:
    query, neutral = result.query, result.reference
    assert query is not None
    return FacePictures(
        face=png_uri(query),
        neutral=None if neutral is None else png_uri(neutral),
        difference=None if neutral is None else png_uri(heat_map(query, neutral)),
    )


def heat_map(query: Prepared, neutral: Prepared) -> Prepared:
    """How far two pictures differ: the query in grey, the brighter in yellow and red the further they are apart."""
    grey = query.mean(axis=0)
    apart = np.abs(query.astype(np.float32) - neutral).mean(axis=0) / 255
    strength = np.clip(cv2.GaussianBlur(apart, (0, 0), sigmaX=query.shape[1] / 64) / STRONG, 0, 1)
    color = cv2.applyColorMap((255 * strength).astype(np.uint8), cv2.COLORMAP_INFERNO)[:, :, ::-1].transpose(2, 0, 1)
    return np.asarray(((1 - strength) * grey + strength * color).round().astype(np.uint8))


def png_uri(pixels: Prepared) -> str:
    """A prepared face as a PNG file in a data URI."""
    rows = pixels.transpose(1, 2, 0)[:, :, ::-1]  # OpenCV has blue first
    content = cv2.imencode(".png", np.ascontiguousarray(rows))[1].tobytes()
    return "data:image/png;base64," + base64.b64encode(content).decode("ascii")
