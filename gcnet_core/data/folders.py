"""What lies below a folder: files, and what only looks like one; links are followed, each folder once."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gcnet_core.data.picture_files import is_hidden, is_picture, special


def below(root: Path) -> Iterator[Path]:
    """All that is no folder, and folders that may not be opened.

    Args:
        root: folder. Links to folders are followed, also out of it; one that leads back is not.
    """
    seen = {os.path.realpath(root)}
    closed: list[OSError] = []
    for place, folders, files in os.walk(root, followlinks=True, onerror=closed.append):
        for name in list(folders):
            real = os.path.realpath(Path(place, name))
            if real in seen:  # a link back up would lead round and round
                folders.remove(name)
            seen.add(real)
        yield from (Path(place, name) for name in files)
    yield from (Path(error.filename) for error in closed)


def pictures_below(root: Path) -> list[Path]:
    """The pictures below a folder that are not hidden, at any depth, in the order of their names."""
    found = ((path.relative_to(root).as_posix(), path) for path in below(root))
    return sorted(path for name, path in found if is_picture(name) and not is_hidden(name) and path.is_file())


def why_closed(path: Path) -> str | None:
    """Why something on disk is no file that can be opened; None if it is one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return "a broken link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
    if stat.S_ISREG(mode):
        return None
    return "a folder that may not be opened" if stat.S_ISDIR(mode) else special(mode)
