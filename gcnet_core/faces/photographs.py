"""Photographs that nobody labelled: every picture below a folder, or single files."""

from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.decode import decode
from gcnet_core.data.folders import pictures_below
from gcnet_core.data.load import Listing
from gcnet_core.data.picture_files import PICTURE_SUFFIXES, read_file
from gcnet_core.plugin_api import Sample, UserError

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
    files = pictures_below(source) if source.is_dir() else [source]
    names = [path.relative_to(folder).as_posix() for path in files]
    if not names:
        raise UserError(f"{source}: no picture here; expected files that end in {', '.join(sorted(PICTURE_SUFFIXES))}")

    def read(name: str) -> UInt8[np.ndarray, "height width channel"]:
        return decode(read_file(folder / name), folder / name)

    return Listing(tuple(Sample(name, None, UNLABELLED) for name in names), read)
