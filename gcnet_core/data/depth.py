"""Depth: pixels of 10, 12 or 16 bits, or floating-point numbers, to 8 bits, or a sentence that says why not."""

import numpy as np
from jaxtyping import UInt8

from gcnet_core.plugin_api import UserError

BITS = (8, 10, 12, 16)
"""Of cameras and scanners. All but the first are stored in 16."""


def to_bytes(pixels: np.ndarray, where: object) -> UInt8[np.ndarray, "..."]:
    """Pixels from 0 to 255.

    Whole numbers are of as few bits, among 8, 10, 12 and 16, as hold the brightest of them: cameras of 12 bits store
    them in 16, which would be nearly black. Floating-point numbers are from 0 to 1, or from 0 to 255.

    Args:
        pixels: of any kind of number.
        where: they come from, for the message.

    Raises:
        UserError: if there are values beyond, or that are no number.
    """
    if pixels.dtype == np.uint8 or not pixels.size:
        return pixels.astype(np.uint8, copy=False)
    if pixels.dtype == np.bool_:
        return pixels.astype(np.uint8) * 255
    low, high = float(pixels.min()), float(pixels.max())
    if not (np.isfinite([low, high]).all() and low >= 0):
        raise UserError(f"{where}: values from {low:g} to {high:g}; expected none below 0, and numbers alone")
    if np.issubdtype(pixels.dtype, np.integer):
        bits = next((bits for bits in BITS if high < 2**bits), None)
        if bits is None:
            raise UserError(f"{where}: values up to {high:g}; expected no more than {2 ** BITS[-1] - 1:,}")
        return (pixels >> (bits - BITS[0])).astype(np.uint8)
    if high > 255:
        raise UserError(f"{where}: values up to {high:g}; expected 0 to 255, or floats from 0 to 1")
    return (pixels * (255 if high <= 1 else 1)).round().astype(np.uint8)
