"""A folder into which one process at a time may write."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gcnet_core.faults import telling
from gcnet_core.plugin_api import UserError
from gcnet_core.temporary import OURS, remove_leftovers, try_lock

LOCK = f"{OURS}lock"


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a folder for this process, and remove what killed writers left below it.

    The system frees the lock of a process that ends in whatever way, so that a dead one never blocks. A folder that is
    made for it, and holds nothing in the end, is removed again.

    Args:
        folder: which need not exist.

    Raises:
        UserError: if a living process keeps the folder.
        CannotWrite: if it cannot be made, or written into.
    """
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    with telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _open_locked(folder)
    try:
        remove_leftovers(folder, below=True)
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink()  # before it is freed: nobody else can have it yet
        os.close(descriptor)
        with suppress(OSError):
            for place in new:
                place.rmdir()  # raises if something is in it


def _open_locked(folder: Path) -> int:
    path = folder / LOCK
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            free = try_lock(descriptor)
        except OSError:  # some network drives have no locks
            return descriptor
        if not free:
            owner = os.read(descriptor, 1000).decode(errors="replace") or "another process"
            os.close(descriptor)
            raise UserError(f"{folder}: {owner} is writing here; wait for it to end, or give another folder")
        if _is_at(descriptor, path):
            break
        os.close(descriptor)  # its owner ended, and removed it, between the two calls
    with suppress(OSError):  # who keeps it is for people alone
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
