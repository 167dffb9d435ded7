"""Rotation: a turned copy of a picture, and what was found in it back in the picture."""

import math
from dataclasses import replace

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.faces.align import Similarity
from gcnet_core.interfaces import Face, Point

Pixels = UInt8[np.ndarray, "height width channel"]


def turn(pixels: Pixels, degrees: float) -> tuple[UInt8[np.ndarray, "turned_height turned_width channel"], Similarity]:
    """A picture turned counter-clockwise, large enough to hold all of it, and the map back.

    Returns:
        The turned picture, and the 2 x 3 map from its coordinates to those of the picture.
    """
    height, width = pixels.shape[:2]
    angle = math.radians(degrees)
    cosine, sine = abs(round(math.cos(angle), 12)), abs(round(math.sin(angle), 12))  # rounded: 90 degrees are exact
    new_width, new_height = math.ceil(height * sine + width * cosine), math.ceil(height * cosine + width * sine)
    there = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1.0)
    there[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    turned = cv2.warpAffine(pixels, there, (new_width, new_height), borderMode=cv2.BORDER_REPLICATE)
    return turned.reshape(new_height, new_width, -1), cv2.invertAffineTransform(there)


def turn_back(face: Face, back: Similarity) -> Face:
    """A face of a turned picture in the coordinates of the picture; its box is the upright one around the turned."""
    left, top, width, height = face.box
    corners = [(left, top), (left + width, top), (left, top + height), (left + width, top + height)]
    centre, side = np.mean([_mapped(corner, back) for corner in corners], axis=0), (width + height) / 2
    box = (float(centre[0] - side / 2), float(centre[1] - side / 2), side, side)
    assert face.eyes is not None
    right_eye, left_eye = face.eyes
    return replace(face, box=box, eyes=(_mapped(right_eye, back), _mapped(left_eye, back)))


def _mapped(point: Point, back: Similarity) -> Point:
    x, y = back @ (*point, 1)
    return float(x), float(y)
