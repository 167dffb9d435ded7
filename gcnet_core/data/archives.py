"""Archives that nobody unpacked: zip, and tar with or without compression. Whatever is wrong with one is a UserError.

Nothing is ever written where a member's name says, so names such as `../x` lead nowhere.
"""

import bz2
import gzip
import lzma
import shutil
import tarfile
import tempfile
import threading
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from io import BufferedIOBase
from pathlib import Path
from typing import IO

from gcnet_core.data.picture_files import is_hidden
from gcnet_core.plugin_api import UserError

ARCHIVE_SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
LARGEST_MEMBER = 2**31
"""Bytes of a file in an archive; what unpacks to more is no list of a data set, and no photograph."""
LEFT_FREE = 2**30
"""Bytes of the disk that unpacking leaves free."""
BLOCK = 2**20
_METHODS: dict[tuple[str, ...], Callable[[Path], BufferedIOBase]] = {
    (".gz", ".tgz"): gzip.GzipFile,
    (".bz2", ".tbz2"): bz2.BZ2File,
    (".xz", ".txz"): lzma.LZMAFile,
}

_FAULTS = (
    *(OSError, EOFError, MemoryError, RuntimeError, ValueError, OverflowError),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError),
)
"""What the libraries raise on archives that are damaged, encrypted, or of a method that they do not know."""


class DamagedArchive(UserError):
    """An archive that cannot be opened at all."""


class Archive(ABC):
    """Files by name, with `/` between folders, whatever the archive itself writes."""

    names: tuple[str, ...]
    """All files, folders not among them, sorted."""
    folders: tuple[str, ...]
    """Folders that the archive names, also those without a file."""
    special: Mapping[str, str]
    """Those names that are no ordinary file, and what they are."""

    @abstractmethod
    def size(self, name: str) -> int:
        """Bytes of a file, unpacked; 0 where it is not there."""

    @abstractmethod
    def read(self, name: str, largest: int = LARGEST_MEMBER) -> bytes:
        """The bytes of a file.

        Raises:
            UserError: if it is not there, damaged, encrypted, too large, or packed by an unknown method; with its name.
        """


def is_archive(name: str | Path) -> bool:
    """Whether a file is an archive by its suffix."""
    return str(name).lower().endswith(ARCHIVE_SUFFIXES)


def open_archive(path: Path) -> Archive:
    """Open an archive; the same file is opened once, however often it is asked for.

    Raises:
        DamagedArchive: if it is damaged, or not an archive.
    """
    try:
        status = path.stat()
        return _opened(path.absolute(), status.st_size, status.st_mtime_ns)
    except _FAULTS as error:
        kind = "zip" if path.suffix.lower() == ".zip" else "tar"
        raise DamagedArchive(f"{path}: not a {kind} file, or not all of it ({_reason(error)})") from error


@lru_cache(maxsize=16)
def _opened(path: Path, size: int, changed: int) -> Archive:
    return _Zip(path) if path.suffix.lower() == ".zip" else _Tar(path)


def check_unpacked(path: Path) -> None:
    """Check that an archive holds something else than archives, which are not looked into.

    Raises:
        UserError: naming one of those that it holds.
    """
    inside = [name for name in open_archive(path).names if not is_hidden(name)]
    if inside and all(map(is_archive, inside)):
        raise UserError(f"{path}: holds archives alone, such as {inside[0]}; unpack it, and give the folder")


class _Zip(Archive):
    def __init__(self, path: Path) -> None:
        self.path, self.file = path, zipfile.ZipFile(path)
        self.members = {member.filename.replace("\\", "/"): member for member in self.file.infolist()}
        self.names = tuple(sorted(name for name in self.members if not name.endswith("/")))
        self.folders = tuple(name.rstrip("/") for name in self.members if name.endswith("/"))
        self.special = {}

    def size(self, name: str) -> int:
        return self.members[name].file_size if name in self.members else 0

    def read(self, name: str, largest: int = LARGEST_MEMBER) -> bytes:
        with _telling(self.path, name):
            member = self.members[name]
            _check_size(member.file_size, largest)
            return self.file.read(member)


class _Tar(Archive):
    """A compressed one is unpacked into one unnamed temporary file, which goes with the process."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock = path, threading.Lock()
        self.file = path.open("rb") if path.suffix.lower() == ".tar" else _unpacked(path)
        with tarfile.open(fileobj=self.file, mode="r:") as tar:
            everything = {member.name.removeprefix("./"): member for member in tar}
        self.folders = tuple(name for name, member in everything.items() if member.isdir())
        members = {name: member for name, member in everything.items() if not member.isdir()}
        plain = {name: member for name, member in members.items() if member.isreg() and not member.issparse()}
        self.places = {name: (member.offset_data, member.size) for name, member in plain.items()}
        self.special = dict.fromkeys(members.keys() - plain.keys(), "a link or a device in an archive")
        self.names = tuple(sorted(members))

    def size(self, name: str) -> int:
        return self.places[name][1] if name in self.places else 0

    def read(self, name: str, largest: int = LARGEST_MEMBER) -> bytes:
        with _telling(self.path, name):
            place, size = self.places[name]
            _check_size(size, largest)
            with self.lock:
                self.file.seek(place)
                content = self.file.read(size)
            if len(content) < size:
                raise EOFError("the archive ends before it does")
            return content


def _unpacked(path: Path) -> IO[bytes]:
    """The tar archive in a compressed one."""
    opened = next(opens for suffixes, opens in _METHODS.items() if path.suffix.lower() in suffixes)
    space = shutil.disk_usage(tempfile.gettempdir()).free - LEFT_FREE
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile())
        packed = stack.enter_context(opened(path))
        while block := packed.read(BLOCK):
            space -= len(block)
            if space < 0:
                raise OSError(f"{tempfile.gettempdir()} has no room for it; unpack it where there is")
            file.write(block)
        packed.close()
        stack.pop_all()
    file.seek(0)
    return file


@contextmanager
def _telling(path: Path, name: str) -> Iterator[None]:
    try:
        yield
    except KeyError as error:
        raise UserError(f"{path}/{name}: not in this archive") from error
    except _FAULTS as error:
        raise UserError(f"{path}/{name}: cannot be unpacked ({_reason(error)})") from error


def _check_size(size: int, largest: int) -> None:
    if size > largest:
        raise ValueError(f"unpacks to {size / 2**20:,.0f} MB; at most {largest / 2**20:,.0f} MB are read")


def _reason(error: BaseException) -> str:
    if "encrypted" in str(error):
        return "it is encrypted; unpack the archive with its password"
    if isinstance(error, NotImplementedError):
        return f"{error}; pack it anew with the usual method, deflate"
    return " ".join(str(error).split()) or type(error).__name__
