"""Crop files: where the crop of each picture is written."""

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import PurePosixPath

from gcnet_core.data.picture_files import shortened

FOLDER = "images"
LONGEST = 200
"""Bytes of a name; systems take 255, of which the number of a face needs some, and a temporary file."""


def crop_files(names: Sequence[str]) -> dict[str, str]:
    """A file for the crop of each picture: its own name, with characters that need care replaced.

    A suffix that would make two pictures one file is kept. No file lies beyond the folder, be its picture called
    what it may.

    Args:
        names: of all pictures.
    """
    plain = {name: _plain(name) for name in names}
    stems = {name: PurePosixPath(path).with_suffix("").as_posix() for name, path in plain.items()}
    sharing = Counter(map(_key, stems.values()))
    taken: set[str] = set()
    files = {}
    for name, stem in stems.items():
        wanted = _short(stem if sharing[_key(stem)] == 1 else plain[name])
        chosen, number = wanted, 1
        while _key(chosen) in taken:
            number += 1
            chosen = f"{wanted}-{number}"
        taken.add(_key(chosen))
        files[name] = f"{FOLDER}/{chosen}.png"
    return files


def _plain(name: str) -> str:
    """Letters, digits and a few signs; `..` leads nowhere, and no name ends like that of a second face."""
    parts = [re.sub(r"[^\w.=-]", "_", part) for part in name.split("/") if part not in ("", ".")]
    parts = ["__" if part == ".." else part for part in parts] or ["_"]
    parts[-1] = re.sub(r"(-face\d+)(?=\.|$)", r"\1_", parts[-1])
    return "/".join(parts)


def _short(path: str) -> str:
    """A path whose parts are not too long for a file system; what was cut off is told apart by its hash."""
    return "/".join(part if len(os.fsencode(part)) <= LONGEST else _cut(part) for part in path.split("/"))


def _cut(part: str) -> str:
    end = blake2b(os.fsencode(part), digest_size=4).hexdigest()
    return f"{shortened(part, LONGEST - 9)}-{end}"


def _key(path: str) -> str:
    """The same for two names that some systems take for one: they differ in case, or in how accents are written."""
    return unicodedata.normalize("NFC", path).casefold()
