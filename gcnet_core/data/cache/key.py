"""Key of a cache entry: everything that its bytes depend on. Another key is another entry; none is ever changed."""

import hashlib
import platform
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from gcnet_core.plugin_api import ImageConfig

LENGTH = 32
"""Digits of a key."""
FORMAT = 1
"""Of the files of the cache."""
LIBRARIES = ("numpy", "opencv-python-headless", "pillow")
"""Whose next version may round a pixel in another way."""
PREPARATION = ("content", "cut_off", "decode", "depth", "head", "pixels", "prepare")
"""Modules from the bytes of a file to a row of the table."""


def entry_key(content: str, names: Sequence[str], image: ImageConfig) -> str:
    """The key of the prepared images of a data set.

    Args:
        content: what the data set's `read` depends on.
        names: of the images, in the order of their rows.
        image: how they are prepared.

    Returns:
        Hexadecimal digits, which are the name of the entry.
    """
    digest = hashlib.sha256()
    machine = (platform.machine(), *((library, version(library)) for library in LIBRARIES))
    for part in (FORMAT, content, image.model_dump_json(), _preparation(), machine, len(names)):
        digest.update(f"{part!r}\n".encode())
    for name in names:
        digest.update(f"{name!r}\n".encode())
    return digest.hexdigest()[:LENGTH]


def is_key(text: str) -> bool:
    """Whether a text is the name of an entry."""
    return re.fullmatch(f"[0-9a-f]{{{LENGTH}}}", text) is not None


def digest_of_code(files: Iterable[Path]) -> str:
    """Other digits wherever a character of some modules is another: who changes how pictures are made sees new ones."""
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _preparation() -> str:
    folder = Path(__file__).parent.parent
    return digest_of_code(folder / f"{name}.py" for name in PREPARATION)
