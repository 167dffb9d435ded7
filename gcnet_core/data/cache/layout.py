"""Layout of a file of the cache: a safetensors file of contents, sums and images, in this order. No torch."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SUFFIX = ".safetensors"
LARGEST_HEAD = 2**20
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What reading a damaged head raises."""


@dataclass(frozen=True)
class Layout:
    """Which bytes of the file are what.

    Args:
        shape: of the images: [image, channel, height, width].
    """

    shape: tuple[int, int, int, int]

    @property
    def tensors(self) -> dict[str, tuple[str, tuple[int, ...], int]]:
        """Type, shape and number of bytes, in the order of the file; what must lie at multiples of 8 comes first."""
        count = self.shape[0]
        return {
            "content": ("U64", (count,), 8 * count),
            "sums": ("U64", (2,), 16),
            "images": ("U8", self.shape, math.prod(self.shape)),
        }

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return sum(size for _, _, size in self.tensors.values())

    def head(self, about: Mapping[str, str]) -> bytes:
        """The beginning of the file, with what is told of it."""
        entries: dict[str, Any] = {"__metadata__": dict(about)}
        place = 0
        for name, (kind, shape, size) in self.tensors.items():
            entries[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [place, place + size]}
            place += size
        text = json.dumps(entries).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text


def read_layout(file: IO[bytes]) -> tuple[Layout, int]:
    """The layout of an open file, and where its tensors begin; raises one of UNREADABLE if it has none."""
    head, start = _head(file)
    images, channels, height, width = (int(side) for side in head["images"]["shape"])
    return Layout((images, channels, height, width)), start


def read_about(path: Path) -> dict[str, str]:
    """What an entry tells of itself, without its images; nothing if it is damaged."""
    try:
        with path.open("rb") as file:
            found = {str(key): str(value) for key, value in _head(file)[0]["__metadata__"].items()}
            return {**found, "images": str(int(found["images"]))}
    except UNREADABLE:
        return {}


def _head(file: IO[bytes]) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(file.read(8), "little")
    if length > LARGEST_HEAD:
        raise ValueError("no head")
    return json.loads(file.read(length)), 8 + length
