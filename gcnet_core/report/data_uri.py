"""Pictures inside a page: a page is one file that can be sent."""

import base64

import cv2
import numpy as np
from jaxtyping import UInt8


def png_uri(pixels: UInt8[np.ndarray, "height width"] | UInt8[np.ndarray, "height width channel"]) -> str:
    """A picture, grey or in OpenCV's order of colors (blue first), without loss."""
    return data_uri(cv2.imencode(".png", pixels)[1].tobytes(), "png")


def jpeg_uri(pixels: UInt8[np.ndarray, "height width"] | UInt8[np.ndarray, "height width channel"]) -> str:
    """The same as a smaller file, for photographs."""
    return data_uri(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes(), "jpeg")


def data_uri(content: bytes, kind: str) -> str:
    """A picture file of a kind such as `png` as a URI that holds it."""
    return f"data:image/{kind};base64," + base64.b64encode(content).decode("ascii")
