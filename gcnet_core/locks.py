"""What one process at a time may do: write into a folder, or make a file that others wait for."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gcnet_core.faults import telling
from gcnet_core.plugin_api import UserError
from gcnet_core.temporary import OURS, remove_leftovers, try_lock

LOCK = f"{OURS}lock"
LOOK_AGAIN = 0.05
"""Seconds between two looks at a lock that another process has."""


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
        descriptor = _open_locked(folder / LOCK)
    if isinstance(descriptor, str):
        raise UserError(f"{folder}: {descriptor} is writing here; wait for it to end, or give another folder")
    try:
        remove_leftovers(folder, below=True)
        yield
    finally:
        _free(descriptor, folder / LOCK)
        with suppress(OSError):
            for place in new:
                place.rmdir()  # raises if something is in it


@contextmanager
def waiting_for(lock: Path, tell: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Wait until no other process has a lock, and keep it for this one; where files cannot be locked nobody waits.

    Args:
        lock: a file that stands for what is done; its folder exists.
        tell: called once if another process has it.

    Raises:
        OSError: if it cannot be made.
    """
    descriptor = _open_locked(lock)
    if isinstance(descriptor, str):
        tell()
        while isinstance(descriptor := _open_locked(lock), str):
            time.sleep(LOOK_AGAIN)
    try:
        yield
    finally:
        _free(descriptor, lock)


def _open_locked(path: Path) -> int | str:
    """An open file that this process has locked; the name of its owner if another process has."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            free = try_lock(descriptor)
        except OSError:  # some network drives have no locks
            return descriptor
        if not free:
            owner = os.read(descriptor, 1000).decode(errors="replace") or "another process"
            os.close(descriptor)
            return owner
        if _is_at(descriptor, path):
            break
        os.close(descriptor)  # its owner ended, and removed it, between the two calls
    with suppress(OSError):  # who keeps it is for people alone
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}".encode())
    return descriptor


def _free(descriptor: int, path: Path) -> None:
    with suppress(OSError):
        path.unlink()  # before it is freed: nobody else can have it yet
    os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
