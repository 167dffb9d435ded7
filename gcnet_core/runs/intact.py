"""Files as gcnet wrote them: what is there and can be read, and whether its checksum is that of the record."""

import os
from pathlib import Path

from gcnet_core.files import sha256
from gcnet_core.plugin_api import UserError


def is_there(path: Path) -> bool:
    """Whether there is a file to read.

    Args:
        path: of the file.

    Returns:
        False if nothing is there.

    Raises:
        UserError: if what is there is no file: a folder, a pipe, a link that leads nowhere or in a circle.
    """
    if path.is_file():
        return True
    if os.path.lexists(path):
        kinds = {"folder": path.is_dir, "pipe": path.is_fifo, "device": path.is_char_device, "socket": path.is_socket}
        kind = next((name for name, holds in kinds.items() if holds()), "link that leads nowhere")
        raise UserError(f"{path}: expected a file, found a {kind}; take it away, and put the file of the run there")
    return False


def digest_of(path: Path) -> str:
    """SHA-256 of the content of a file, in hexadecimal digits.

    Raises:
        UserError: if it cannot be read.
    """
    try:
        return sha256(path)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


def check_intact(path: Path, recorded: str | None, record: str, remedy: str) -> None:
    """Tell that a file is not what gcnet wrote.

    Args:
        path: of the file, which exists.
        recorded: its SHA-256 when it was written; None in folders of older versions, where nobody knows.
        record: name of the file that says so.
        remedy: what to do.

    Raises:
        UserError: if it holds something else.
    """
    if recorded is not None and digest_of(path) != recorded:
        raise UserError(
            f"{path}: damaged or changed: its content is not what gcnet wrote, by the checksum in {record}. {remedy}"
        )
