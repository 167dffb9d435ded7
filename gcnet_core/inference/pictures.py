"""Picture: pixels with a name, of whatever a user hands over in Python."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.decode import decode
from gcnet_core.data.picture_files import read_file
from gcnet_core.plugin_api import UserError


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture, or a frame of a video, or what could not be read.

    Args:
        file: name.
        pixels: 0 to 255, grey (1 channel) or RGB; None where it could not be read.
        frame: number of the frame, from 0.
        time: of the frame, seconds from the start.
        reason: why it could not be read.
    """

    file: str
    pixels: UInt8[np.ndarray, "height width channel"] | None = field(repr=False)
    frame: int | None = None
    time: float | None = None
    reason: str = ""


Unread = Callable[[], Picture]
"""A picture that is read when its turn comes, by whoever looks for its faces."""


def read_picture(path: Path) -> Picture:
    """Read a file; one that cannot be read becomes a picture with a reason."""
    try:
        return Picture(str(path), decode(read_file(path), path))
    except UserError as error:
        return Picture(str(path), None, reason=" ".join(str(error).split()))


def as_pictures(images: Any) -> Iterator[Picture]:
    """Pictures of what a user hands over.

    Args:
        images: a path, an array `[height, width]` or `[height, width, channel]` (0 to 255, or floats 0 to 1), a tensor
            `[channel, height, width]` with the same range, a PIL image; or a list, or a batch, of these.

    Raises:
        UserError: if it is something else.
    """
    for number, image in enumerate(_each(images)):
        if isinstance(image, str | Path):
            yield read_picture(Path(image))
        else:
            yield Picture(f"image {number}", pixels_of(image, f"image {number}"))


def pixels_of(image: Any, name: str) -> UInt8[np.ndarray, "height width channel"]:
    """Pixels 0 to 255 of an array, a tensor or a PIL image.

    Raises:
        UserError: if it is none, or has another shape or range.
    """
    if hasattr(image, "convert") and hasattr(image, "getbands"):  # PIL, which need not be installed
        from PIL import ImageOps

        upright = ImageOps.exif_transpose(image)
        image = np.asarray(upright.convert("L" if upright.mode in ("L", "1") else "RGB"))
    elif _is_tensor(image):
        image = image.detach().cpu().numpy()
        image = image.transpose(1, 2, 0) if image.ndim == 3 else image
    if not isinstance(image, np.ndarray):
        raise UserError(f"{name}: {type(image).__name__} is no picture; give a path, an array, a tensor or a PIL image")
    pixels = image[:, :, None] if image.ndim == 2 else image
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or 0 in pixels.shape:
        raise UserError(
            f"{name}: shape {image.shape}; expected [height, width] or [height, width, 1 or 3], of a tensor "
            "[1 or 3, height, width]"
        )
    return np.ascontiguousarray(_bytes(pixels[:, :, :3], name))


def _bytes(pixels: np.ndarray, name: str) -> UInt8[np.ndarray, "height width channel"]:
    if pixels.dtype == np.uint8:
        return pixels
    low, high = float(pixels.min()), float(pixels.max())
    if not (np.isfinite([low, high]).all() and low >= 0):
        raise UserError(f"{name}: values from {low:g} to {high:g}; expected 0 to 255, or floats from 0 to 1")
    if np.issubdtype(pixels.dtype, np.floating) and high <= 1:
        return np.asarray((255 * pixels).round().astype(np.uint8))
    if high > 255:
        raise UserError(f"{name}: values up to {high:g}; expected 0 to 255, or floats from 0 to 1")
    return np.asarray(pixels.round().astype(np.uint8))


def _each(images: Any) -> Iterable[Any]:
    if isinstance(images, list | tuple):
        return images
    if isinstance(images, np.ndarray) or _is_tensor(images):
        return list(images) if images.ndim == 4 else [images]
    is_many = isinstance(images, Iterable) and not (isinstance(images, str | Path) or hasattr(images, "getbands"))
    return images if is_many else [images]


def _is_tensor(image: Any) -> bool:
    """Whether it is a tensor of torch, told without importing torch."""
    return type(image).__module__.partition(".")[0] == "torch"
