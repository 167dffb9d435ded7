"""What lies below a folder: files, and what only looks like one; links are followed, each folder once."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gcnet_core.data.picture_files import UNREAD_SUFFIXES, is_hidden, is_picture, special, suffix_of
from gcnet_core.plugin_api import LeftOut


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


def pictures_left_out(root: Path) -> tuple[LeftOut, ...]:
    """Those below a folder that are not hidden and seem to be pictures, and are not among `pictures_below`."""
    names = ((path.relative_to(root).as_posix(), path) for path in below(root))
    found = ((name, _why_left_out(name, path)) for name, path in names if not is_hidden(name))
    return tuple(LeftOut(name, why) for name, why in sorted(found) if why)


def _why_left_out(name: str, path: Path) -> str:
    if suffix_of(name) in UNREAD_SUFFIXES:
        return f"a kind of picture that is not read: {suffix_of(name)}"
    return (why_closed(path) or "") if is_picture(name) or path.is_dir() else ""


def why_closed(path: Path) -> str | None:
    """Why something on disk is no file that can be opened; None if it is one."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return "a broken link" if path.is_symlink() else f"cannot be opened ({error.strerror})"
    if stat.S_ISREG(mode):
        return None
    return "a folder that may not be opened" if stat.S_ISDIR(mode) else special(mode)
