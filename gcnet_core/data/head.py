"""The head of a picture file: how large it is and whether it is transparent, before a pixel of it is decoded."""

import io
import os
import warnings
from typing import TYPE_CHECKING

from gcnet_core.plugin_api import UserError

if TYPE_CHECKING:
    from PIL import Image

MEGAPIXELS = "GCNET_MAX_MEGAPIXELS"
"""Variable of the environment that changes how many million pixels a picture may have."""
MOST_MEGAPIXELS = 100.0
_RAISE = f" ({MEGAPIXELS}=N in the environment raises that)"
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM", "JPEG2000", "AVIF")


def most_pixels() -> int:
    """Pixels that a picture may have; more are not decoded, as a file of some kilobytes can hold gigabytes of them.

    Raises:
        UserError: if the variable of the environment is no number.
    """
    text = os.environ.get(MEGAPIXELS) or str(MOST_MEGAPIXELS)
    try:
        millions = float(text)
    except ValueError:
        millions = 0
    if not 0 < millions < 1e9:
        raise UserError(f"{MEGAPIXELS}={text}: expected how many million pixels are read, such as 400")
    return int(millions * 1e6)


def read_head(content: bytes, where: object) -> "Image.Image | None":
    """A picture that Pillow opened without decoding it; None if Pillow cannot tell what it is.

    Args:
        content: of the file.
        where: it lies, for the message.

    Raises:
        UserError: if it has more pixels than are read.
    """
    from PIL import Image

    most = most_pixels()
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, most)  # it refuses twice as many by itself
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            head = Image.open(io.BytesIO(content), formats=FORMATS)
        width, height = head.size
    except Image.DecompressionBombError as error:
        raise UserError(f"{where}: more than twice the {most / 1e6:g} million pixels that are read{_RAISE}") from error
    except Exception:  # whatever Pillow does on bytes that somebody damaged; OpenCV may know better
        head, (width, height) = None, _size_of_tiff(content)
    if width * height > most:
        raise UserError(f"{where}: {width:,} x {height:,} pixels; at most {most / 1e6:g} million are read{_RAISE}")
    return head


def _size_of_tiff(content: bytes) -> tuple[int, int]:
    """Width and height of kinds of TIFF that Pillow does not know; zeros if it is none."""
    if content[:2] not in (b"II", b"MM"):
        return 0, 0
    from tifffile import TiffFile

    try:
        with TiffFile(io.BytesIO(content)) as file:
            return file.pages.first.imagewidth, file.pages.first.imagelength
    except Exception:  # damaged, which the decoder will tell
        return 0, 0
