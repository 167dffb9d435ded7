"""Photographs that nobody labelled: every picture below a folder, or single files."""

from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.load import Listing
from gcnet_core.plugin_api import Sample, UserError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
UNLABELLED = ""
"""Expression of a photograph that nobody labelled."""


def list_photographs(source: Path) -> Listing:
    """The pictures below a folder, at any depth, in the order of their names; or one picture.

    Args:
        source: folder or file.

    Raises:
        UserError: if there is no picture.
    """
    folder = source if source.is_dir() else source.parent
    files = sorted(source.rglob("*")) if source.is_dir() else [source]
    names = [
        path.relative_to(folder).as_posix()
        for path in files
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]
    if not names:
        raise UserError(f"{source}: no picture here; expected files that end in {', '.join(sorted(SUFFIXES))}")

    def read(name: str) -> UInt8[np.ndarray, "height width channel"]:
        return read_photograph(folder / name)

    return Listing(tuple(Sample(name, None, UNLABELLED) for name in names), read)


def read_photograph(path: Path) -> UInt8[np.ndarray, "height width channel"]:
    """Decode one picture, upright as its EXIF entry says.

    Returns:
        Pixels 0 to 255, grey or RGB.

    Raises:
        UserError: if it is not a picture, or damaged.
    """
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    pixels = cv2.imdecode(content, cv2.IMREAD_ANYCOLOR) if len(content) else None
    if pixels is None:
        raise UserError(f"{path}: not an image, or damaged")
    return pixels[:, :, None] if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)
