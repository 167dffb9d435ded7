"""Content: by what an image is known again, whatever its name, its folder and the size to which a recipe brings it."""

from hashlib import blake2b

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.prepare import with_channels
from gcnet_core.runs.trained_on import NOTHING


def content_of(pixels: UInt8[np.ndarray, "height width channel"]) -> int:
    """64 bits of decoded pixels, before they are resized.

    A copy has the same, also one that stores a grey picture in three equal channels; a picture that was cut, resized or
    compressed again has another. Its grey levels count, because recipes read colour pictures in grey or in colour.

    Args:
        pixels: 0 to 255, as `Dataset.read` and `decode` give them.

    Returns:
        The hash; NOTHING for a picture of one color, which any two data sets may have in common.
    """
    pixels = with_channels(pixels, 1)
    first = pixels[0, 0]
    if pixels[-1, -1] == first and (pixels == first).all():
        return NOTHING
    return hash_of_pixels(pixels)


def hash_of_pixels(pixels: UInt8[np.ndarray, "height width channel"]) -> int:
    """64 bits of decoded pixels, which are others where a single one of them, or only their color, is another."""
    shape = "x".join(map(str, pixels.shape)).encode()
    return int.from_bytes(
        blake2b(np.ascontiguousarray(pixels).data, digest_size=8, person=shape[:16]).digest(), "little"
    )
