"""Decoding: the bytes of a picture file to pixels, the same for data sets and photographs."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.cut_off import is_cut_off
from gcnet_core.data.depth import to_bytes
from gcnet_core.data.head import read_head
from gcnet_core.data.picture_files import READ_KINDS, kind_of
from gcnet_core.plugin_api import UserError

if TYPE_CHECKING:
    from PIL import Image

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong with a picture is told with its name

BACKGROUND = 255
"""Grey level behind what is transparent: white, as most viewers show it."""
GREY = ("1", "L", "LA", "La")
"""Modes of Pillow without colour."""

Pixels = UInt8[np.ndarray, "height width channel"]


def decode(content: bytes, where: object) -> Pixels:
    """Decode a picture as a person sees it: upright as its EXIF entry says, and the first of several in one file.

    Args:
        content: of the file.
        where: it lies, for the message.

    Returns:
        Pixels 0 to 255, grey (1 channel) where the file is grey, else RGB. What is transparent is white; deeper pixels
        are scaled as `to_bytes` says.

    Raises:
        UserError: if it is not a picture, or not all of one, or has more pixels than are read.
    """
    kind = kind_of(content)
    if kind is None:
        raise UserError(f"{where}: not an image, or damaged")
    if kind not in READ_KINDS:
        raise UserError(f"{where}: a picture of the kind {kind}, which is not read; save it as PNG or JPEG")
    if is_cut_off(content):
        raise UserError(f"{where}: the file ends before its picture does; copy or download it again")
    try:
        pixels = _decoded(content, kind, where)
    except UserError:
        raise
    except MemoryError as error:
        raise UserError(f"{where}: too large for the memory that is left") from error
    except Exception as error:  # whatever a decoder does on bytes that somebody damaged
        raise UserError(f"{where}: not an image, or damaged ({type(error).__name__})") from error
    if pixels is None or not pixels.size:
        raise UserError(f"{where}: not an image, or damaged")
    return pixels


def _decoded(content: bytes, kind: str, where: object) -> Pixels | None:
    head = read_head(content, where)
    if head is not None and (kind == "GIF" or head.has_transparency_data):
        return _composed(head)
    pixels = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_ANYCOLOR | cv2.IMREAD_ANYDEPTH)
    if pixels is None:
        return None
    pixels = to_bytes(pixels, where)
    return pixels[:, :, None] if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def _composed(picture: "Image.Image") -> Pixels:
    """A picture before its background: what lies hidden under transparent pixels is often noise."""
    from PIL import ImageOps

    layers = np.asarray(ImageOps.exif_transpose(picture).convert("RGBA")).astype(np.uint16)
    colour, opacity = layers[:, :, : 1 if picture.mode in GREY else 3], layers[:, :, 3:]
    return ((colour * opacity + BACKGROUND * (255 - opacity) + 127) // 255).astype(np.uint8)
