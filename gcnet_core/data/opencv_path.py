"""Paths for OpenCV, whose binding for Python ends the process on a name that is not UTF-8."""

from pathlib import Path

from gcnet_core.plugin_api import UserError


def opencv_path(path: Path | str) -> str:
    """A path that OpenCV can be given.

    Raises:
        UserError: if it is not UTF-8.
    """
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(f"{text}: OpenCV opens nothing whose path is not UTF-8; rename it") from error
    return text
