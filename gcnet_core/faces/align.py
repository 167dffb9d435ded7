"""Alignment: a face to its crop, eyes at the places that the preparation names."""

import math

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from gcnet_core.faces.config import PreparationConfig
from gcnet_core.interfaces import Face

Similarity = Float[np.ndarray, "2 3"]
"""Rotation, scale and shift, from coordinates of the picture to those of the crop."""


def align(
    pixels: UInt8[np.ndarray, "height width channel"], face: Face, config: PreparationConfig
) -> UInt8[np.ndarray, "size size channel"]:
    """Cut out a face.

    Args:
        pixels: the picture, 0 to 255.
        face: in it.
        config: size of the crop and places of the eyes.

    Returns:
        The crop; where it reaches beyond the picture, the edge is repeated.
    """
    transform = to_crop(face, config)
    scale = float(np.linalg.norm(transform[:, 0]))
    if scale < 1:  # linear interpolation alone would skip pixels, which looks like noise
        pixels, transform = _around(pixels, transform, config.size, math.ceil(2 / scale))
        height, width = (max(round(side * scale), 1) for side in pixels.shape[:2])
        ratio = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        # pixel centres lie at whole numbers, so a shrunk picture is shifted by half a pixel as well
        shift = transform[:, :2] @ ((ratio - 1) / 2) + transform[:, 2]
        transform = np.column_stack([transform[:, :2] * ratio, shift])
    crop = cv2.warpAffine(
        pixels, transform, (config.size, config.size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(crop.reshape(config.size, config.size, -1))


def _around(
    pixels: UInt8[np.ndarray, "height width channel"], transform: Similarity, size: int, space: int
) -> tuple[UInt8[np.ndarray, "part_height part_width channel"], Similarity]:
    """The part of a picture that a crop shows: to shrink a whole photograph may take longer than to find its faces.

    Args:
        pixels: the picture.
        transform: from it to the crop.
        size: of the crop.
        space: pixels around it that interpolation may look at.

    Returns:
        The part, and the map from it to the crop; all of the picture where the crop lies beyond it.
    """
    corners = np.array([[x, y, 1] for x in (0, size) for y in (0, size)]).T
    places = cv2.invertAffineTransform(transform) @ corners
    bounds = np.array(pixels.shape[1::-1])
    first = np.clip(np.floor(places.min(axis=1)).astype(int) - space, 0, bounds)
    last = np.clip(np.ceil(places.max(axis=1)).astype(int) + space, 0, bounds)
    if (last <= first).any():
        return pixels, transform
    (left, top), (right, bottom) = first, last
    shifted = np.column_stack([transform[:, :2], transform[:, :2] @ first + transform[:, 2]])
    return pixels[top:bottom, left:right], shifted


def to_crop(face: Face, config: PreparationConfig) -> Similarity:
    """The map from the picture to the crop: by the eyes, or by the box of a face whose eyes are not known."""
    whole = 1 + 2 * config.margin
    if face.eyes is None:
        left, top, width, height = face.box
        side = max(width, height) * whole
        scale = config.size / side
        corner = np.array([left + width / 2 - side / 2, top + height / 2 - side / 2])
        return np.column_stack([scale * np.eye(2), -scale * corner - 0.5 + 0.5 * scale])
    share = np.array([0.5, (config.eye_height + config.margin) / whole])
    centre = config.size * share - 0.5
    right, left_eye = (complex(*eye) for eye in face.eyes)
    turn = config.size * config.eye_distance / whole / (left_eye - right)  # both a rotation and a scale
    matrix = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    middle = (right + left_eye) / 2
    return np.column_stack([matrix, centre - matrix @ np.array([middle.real, middle.imag])])


def outside(face: Face, config: PreparationConfig, shape: tuple[int, ...]) -> float:
    """Share of the crop that lies beyond the picture.

    Args:
        face: in the picture.
        config: of the crop.
        shape: of the picture: height, width, and whatever follows.
    """
    back = cv2.invertAffineTransform(to_crop(face, config))
    steps = np.linspace(-0.5, config.size - 0.5, 33)
    crop_x, crop_y = np.meshgrid(steps, steps)
    x, y = back @ np.stack([crop_x.ravel(), crop_y.ravel(), np.ones(crop_x.size)])
    inside = (x >= -0.5) & (x <= shape[1] - 0.5) & (y >= -0.5) & (y <= shape[0] - 0.5)
    return float(1 - inside.mean())
