"""Where the cache lies and how large it may grow, as the environment says."""

import os
import sys
from pathlib import Path

from gcnet_core.plugin_api import UserError

FOLDER, LIMIT = "GCNET_CACHE", "GCNET_CACHE_GB"
"""Variables of the environment: a folder or `off`; gigabytes that are kept at most."""
OFF = "off"
DEFAULT_GB = 50.0


def cache_folder() -> Path | None:
    """The folder of the cache, which need not exist; None if it is switched off.

    Raises:
        UserError: if the variable of the environment names a file.
    """
    chosen = os.environ.get(FOLDER, "").strip()
    if chosen.lower() == OFF:
        return None
    if chosen:
        folder = Path(chosen).absolute()
        if folder.exists() and not folder.is_dir():
            raise UserError(f"{FOLDER}={chosen}: is a file; name a folder, which need not exist, or `{OFF}`")
        return folder
    try:
        return _user_caches() / "gcnet"
    except RuntimeError:  # a user without a home, as in some containers
        return None


def cache_limit() -> int:
    """Bytes that the cache may take.

    Raises:
        UserError: if the variable of the environment is no number.
    """
    text = os.environ.get(LIMIT, "").strip() or str(DEFAULT_GB)
    try:
        gigabytes = float(text)
        if not 0 <= gigabytes < float("inf"):
            raise ValueError(text)
    except ValueError as error:
        raise UserError(f"{LIMIT}={text}: how many gigabytes the cache may take is a number from 0 on") from error
    return int(gigabytes * 1e9)


def _user_caches() -> Path:
    """The folder for caches of all programs, by the rule of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return chosen if chosen.is_absolute() else Path.home() / ".cache"  # the XDG rule passes over relative paths
