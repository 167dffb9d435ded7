"""Preparation of an image: grey or colour, square, of the recipe's size. Training and prediction share it."""

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.plugin_api import ImageConfig


def prepare(
    pixels: UInt8[np.ndarray, "height width channel"], config: ImageConfig
) -> UInt8[np.ndarray, "channels size size"]:
    """Bring an image into the form that every part expects.

    Args:
        pixels: 0 to 255, grey (1 channel) or colour (3 channels, RGB).
        config: size, channels, and how an oblong image becomes square.

    Returns:
        Pixels 0 to 255, channels first.
    """
    square = _square(with_channels(pixels, config.channels), config.resize_mode)
    shrinks = square.shape[0] > config.size or square.shape[1] > config.size
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR  # area averaging does not alias
    resized = cv2.resize(square, (config.size, config.size), interpolation=interpolation)
    return np.ascontiguousarray(resized.reshape(config.size, config.size, config.channels).transpose(2, 0, 1))


def with_channels(
    pixels: UInt8[np.ndarray, "height width channel"], channels: int
) -> UInt8[np.ndarray, "height width wanted"]:
    """An image in grey or colour, whichever it was.

    Args:
        pixels: 0 to 255, grey (1 channel) or colour (3 channels, RGB).
        channels: wanted, 1 or 3.
    """
    if pixels.shape[2] == channels:
        return pixels
    if channels == 1:
        return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[:, :, None]
    return np.repeat(pixels, 3, axis=2)


def _square(pixels: np.ndarray, resize_mode: str) -> np.ndarray:
    height, width = pixels.shape[:2]
    if resize_mode == "stretch" or height == width:
        return pixels
    if resize_mode == "crop":
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        return np.ascontiguousarray(pixels[top : top + side, left : left + side])
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    return cv2.copyMakeBorder(
        pixels, top, side - height - top, left, side - width - left, borderType=cv2.BORDER_REPLICATE
    )
