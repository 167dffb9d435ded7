"""Decoding: the bytes of a picture file to pixels, the same for data sets and photographs."""

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.picture_files import is_cut_off
from gcnet_core.plugin_api import UserError


def decode(content: bytes, where: object) -> UInt8[np.ndarray, "height width channel"]:
    """Decode a picture, upright as its EXIF entry says.

    Args:
        content: of the file.
        where: it lies, for the message.

    Returns:
        Pixels 0 to 255, grey (1 channel) where the file is grey, else RGB.

    Raises:
        UserError: if it is not a picture, or not all of one.
    """
    if is_cut_off(content):
        raise UserError(f"{where}: the file ends before its picture does; copy or download it again")
    pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_ANYCOLOR) if content else None
    if pixels is None:
        raise UserError(f"{where}: not an image, or damaged")
    return pixels[:, :, None] if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
