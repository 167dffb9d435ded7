"""Entry of the cache: the images of a data set in one file, which is mapped into memory when it is read."""

import os
import warnings
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import UInt8, UInt64
from torch import Tensor

from gcnet_core.data.cache.layout import UNREADABLE, Layout, read_layout
from gcnet_core.files import settle
from gcnet_core.temporary import temporary_file

CHECKED = 2**30
"""Bytes of images up to which they are held against their sum at each reading; more would keep a run waiting."""


class Pixels(NamedTuple):
    """Prepared images.

    Args:
        images: 0 to 255; perhaps mapped from a file, so never to be written into.
        content: of each image before its preparation, see `content_of`.
    """

    images: UInt8[Tensor, "image channel height width"]
    content: UInt64[np.ndarray, "image"]


class Damaged(Exception):
    """A file of the cache that does not hold what was written into it."""


def write_entry(
    path: Path,
    pixels: Iterable[tuple[UInt8[np.ndarray, "channel height width"], int]],
    layout: Layout,
    about: Mapping[str, str],
) -> None:
    """Write images one after the other; the file is complete or not there.

    Args:
        path: of the file.
        pixels: each image, and its content.
        layout: of the file.
        about: what is told of the entry.

    Raises:
        OSError: if it cannot be written.
    """
    content, total = np.zeros(layout.shape[0], dtype=np.uint64), 0
    with temporary_file(path.parent) as (file, temporary):
        file.write(layout.head(about))
        start = file.tell()
        file.write(bytes(content.nbytes + 16))  # of contents and sums, which are known in the end
        for row, (image, known) in enumerate(pixels):
            content[row] = known
            total = zlib.crc32(image.data, total)
            file.write(image.data)
        file.seek(start)
        file.write(content.data)
        file.write(np.array([total, zlib.crc32(content.data)], dtype=np.uint64).data)
        file.flush()
        settle(file, temporary, path)


def read_entry(path: Path) -> Pixels | None:
    """The images of an entry; None if there is none.

    Raises:
        Damaged: if the file is not as it was written.
    """
    try:
        with path.open("rb") as file:
            layout, start = read_layout(file)
            size = os.fstat(file.fileno()).st_size
            if size != start + layout.size:
                raise Damaged(f"{path}: {size:,} bytes in the place of {start + layout.size:,}")
            content = np.fromfile(file, dtype=np.uint64, count=layout.shape[0])
            images_sum, content_sum = np.fromfile(file, dtype=np.uint64, count=2)
            # not by safetensors: its mapping could be written into, so that the system sets memory aside for it
            images = np.memmap(file, dtype=np.uint8, mode="r", offset=file.tell(), shape=layout.shape)
    except FileNotFoundError:
        return None
    except UNREADABLE as error:
        raise Damaged(f"{path}: begins with other bytes than were written") from error
    whole = images.nbytes > CHECKED or zlib.crc32(images.data) == images_sum
    if not whole or zlib.crc32(content.data) != content_sum:
        raise Damaged(f"{path}: other bytes than were written")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return Pixels(torch.from_numpy(images), content)
