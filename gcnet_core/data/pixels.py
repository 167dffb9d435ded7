"""Pixels of a data set, checked where they come in: floats in [0, 1] would become black pictures in silence."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import UInt8

from gcnet_core.interfaces.dataset import Dataset
from gcnet_core.plugin_api import PluginError

EXPECTED = "an array of uint8, 0 to 255, [height, width, 1 or 3]"


def checked_read(dataset: Dataset) -> Callable[[str], UInt8[np.ndarray, "height width channel"]]:
    """`Dataset.read` of a data set, which tells in one sentence if the data set gives something else than pictures.

    Args:
        dataset: which may be anybody's.
    """

    def read(name: str) -> UInt8[np.ndarray, "height width channel"]:
        pixels: Any = dataset.read(name)
        if not is_picture(pixels):
            origin = dataset.origin or type(dataset).__name__
            raise PluginError(f"{origin}: read({name!r}) gave {described(pixels)}; expected {EXPECTED}")
        return pixels

    return read


def checked_key(dataset: Dataset) -> str | None:
    """`Dataset.content_key` of a data set, which may be anybody's.

    Raises:
        PluginError: if it is neither text nor None.
    """
    key: Any = dataset.content_key()
    if key is None or (isinstance(key, str) and key):
        return key
    origin = dataset.origin or type(dataset).__name__
    raise PluginError(f"{origin}: content_key() gave {key!r:.80}; expected a text that is not empty, or None")


def is_picture(pixels: Any) -> bool:
    """Whether a value is what `Dataset.read` promises."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8 or pixels.ndim != 3:
        return False
    return pixels.shape[2] in (1, 3) and pixels.size > 0


def described(pixels: Any) -> str:
    """What came in the place of a picture, for people."""
    if not isinstance(pixels, np.ndarray):
        return "None" if pixels is None else f"a {type(pixels).__name__}"
    values = f", {pixels.min():g} to {pixels.max():g}" if pixels.size and pixels.dtype.kind in "iuf" else ""
    return f"an array of {pixels.dtype}, {list(pixels.shape)}{values}"
