"""The content of many files as one word. As in git's index, a file whose status is unchanged is not read again."""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from gcnet_core.data.cache.place import cache_folder
from gcnet_core.files import sha256, write_text

KNOWN = "known"
"""Folder in the cache: a file for each set of files, named by their status, that holds what their content is."""
FRESH = 2 * 10**9
"""Nanoseconds within which a file may be written twice and bear one time; some file systems count in two seconds."""
BLOCK = 10_000
DIGEST = re.compile("[0-9a-f]{64}")


def content_of_files(root: Path, names: Sequence[str]) -> str | None:
    """What some files hold, wherever their folder lies.

    Args:
        root: a folder.
        names: of the files below it, each once, in an order that is always the same.

    Returns:
        Hexadecimal digits that are others where a single byte is; None if a file cannot be read, or changes just now.
    """
    began = time.time_ns()
    try:
        status, newest = _status(root, names)
        cache = cache_folder()
        known = cache / KNOWN / status if cache else None
        if known is not None:
            with suppress(OSError, ValueError):
                stored = known.read_text(encoding="ascii")
                if DIGEST.fullmatch(stored):  # a crash of the machine may leave an empty file
                    return stored
        content = _content(root, names)
        if _status(root, names)[0] != status:
            return None
    except OSError:
        return None
    if known is not None and newest < began - FRESH:  # a younger file may change again under the same status
        with suppress(OSError):  # it is read again then
            write_text(known, content)
    return content


def is_known(path: Path) -> bool:
    """Whether a file in the folder KNOWN is one of ours."""
    return DIGEST.fullmatch(path.name) is not None


def _status(root: Path, names: Iterable[str]) -> tuple[str, int]:
    """What changes whenever a file is written, replaced or renamed; and when the youngest was, in nanoseconds."""
    digest, newest = hashlib.sha256(os.fsencode(root.resolve())), 0
    for name in names:
        found = os.stat(os.path.join(root, name))
        line = (name, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        digest.update(repr(line).encode())
        newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
    return digest.hexdigest(), newest


def _content(root: Path, names: Sequence[str]) -> str:
    digest = hashlib.sha256()
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(names), BLOCK):
            block = names[start : start + BLOCK]
            for name, content in zip(block, pool.map(lambda name: sha256(root / name), block), strict=True):
                digest.update(repr((name, content)).encode())
    return digest.hexdigest()
