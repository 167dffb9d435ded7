"""Uploads: bytes that somebody sent to pictures; their size is read before they are decoded."""

import io
import warnings

from gcnet_core.data.decode import decode
from gcnet_core.inference.pictures import Picture
from gcnet_core.plugin_api import UserError

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF")
"""Kinds of files that are read; decoders of rare ones are old, and a server need not try them."""


def read_upload(name: str, content: bytes, pixels: int) -> Picture:
    """Decode a picture that was sent; one that cannot be read becomes a picture with a reason.

    Args:
        name: of its file.
        content: of its file.
        pixels: that it may have. A file of some kilobytes can hold a picture of gigabytes.
    """
    try:
        width, height = size_of(content)
        if width * height > pixels:
            return Picture(name, None, reason=f"{width} × {height} pixels; at most {pixels / 1e6:g} million are read")
        return Picture(name, decode(content, name))
    except UserError as error:
        return Picture(name, None, reason=str(error).removeprefix(f"{name}: "))


def size_of(content: bytes) -> tuple[int, int]:
    """Width and height of a picture file, from its head.

    Raises:
        UserError: if it is no picture of a kind that is read.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of large pictures; the limit is ours
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                return image.size
    except Image.DecompressionBombError as error:
        raise UserError("far more pixels than are read") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise UserError(f"not a picture, or damaged; {', '.join(FORMATS)} are read") from error
