"""Sources: the pictures, folders, patterns, archives, videos and cameras that a user names, each opened in its turn."""

import glob
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Protocol, runtime_checkable

from gcnet_core.data.decode import decode
from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.inference.pictures import Picture, Unread, read_picture
from gcnet_core.inference.videos.frames import Camera, Frames, Video
from gcnet_core.plugin_api import UserError

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".mts", ".m2ts"}
)
ZIP = ".zip"
CAMERA = re.compile(r"camera(?::(\d+))?")
LARGEST_MEMBER = 512 * 2**20
"""Bytes of a picture in an archive; what unpacks to more is no photograph."""


@runtime_checkable
class Source(Protocol):
    """Something that holds pictures."""

    @property
    def name(self) -> str:
        """As it stands in the rows."""

    @property
    def short(self) -> str:
        """Its path below what the user named, for files that are made of it."""

    def expected(self) -> int | None:
        """How many pictures it holds, about; None if nobody knows."""

    def pictures(self) -> Iterator[Picture | Unread]:
        """Its pictures in order."""


@dataclass(frozen=True)
class Still:
    """One picture.

    Args:
        name: as it stands in the rows.
        short: its path below what the user named.
        read: reads it.
    """

    name: str
    short: str
    read: Callable[[], Picture]

    def expected(self) -> int:
        """One."""
        return 1

    def pictures(self) -> Iterator[Picture | Unread]:
        """The picture, not read yet."""
        yield self.read


def find_sources(named: Sequence[str], frames: Frames | None = None, leave_out: Path | None = None) -> list[Source]:
    """All that some words of a command line name, each thing once; nothing is read yet.

    Args:
        named: pictures, folders with all that is below them, patterns with `*` and `**`, zip archives, videos, cameras.
        frames: which frames of videos are wanted; None: all.
        leave_out: a folder in which nothing is sought, because the answers are written there.

    Raises:
        UserError: naming each word that leads to nothing.
    """
    found: dict[str, Source] = {}
    wrong: list[str] = []
    own = None if leave_out is None else leave_out.absolute()
    for word in named:
        try:
            for key, source in _sources(word, frames or Frames()):
                if own is None or own not in Path(key).parents or Path(word).is_file():
                    found.setdefault(key, source)
        except UserError as error:
            wrong.append(str(error))
    if not (found or wrong):
        wrong.append("no picture to look at: name pictures, folders, videos or camera:0")
    if wrong:
        raise UserError("\n".join(wrong))
    return list(found.values())


def _sources(word: str, frames: Frames) -> Iterator[tuple[str, Source]]:
    """What a word names, each with what tells it from all others."""
    camera = CAMERA.fullmatch(word)
    if os.path.isdir(word):
        yield from _all_of(_below(word), word, frames, f"{word}: no picture and no video in this folder")
    elif os.path.exists(word):
        yield from _file(word, os.path.basename(word), frames)
    elif camera:
        yield word, Camera(int(camera[1] or 0), frames)
    elif glob.has_magic(word):
        matches = sorted(glob.glob(word, recursive=True))
        files = [file for match in matches for file in (_below(match) if os.path.isdir(match) else [match])]
        shared = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""
        yield from _all_of(files, shared, frames, f"{word}: no picture and no video fits this pattern")
    else:
        raise UserError(f"{word}: no such file or folder; expected pictures, folders, patterns, videos or camera:0")


def _all_of(files: Sequence[str], folder: str, frames: Frames, else_: str) -> Iterator[tuple[str, Source]]:
    """The pictures and videos among some files."""
    wanted = [file for file in files if _suffix(file) in PICTURE_SUFFIXES or _suffix(file) in VIDEO_SUFFIXES]
    if not wanted:
        raise UserError(else_)
    start = len(os.path.join(folder, ""))
    for file in wanted:
        yield from _file(file, file[start:], frames)


def _below(folder: str) -> list[str]:
    """Files below a folder in the order of their names, without hidden ones and what hidden folders hold."""
    found = []
    for path, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(path, name) for name in files if not name.startswith(".")]
    return sorted(found, key=lambda file: file.split(os.sep))


def _file(path: str, short: str, frames: Frames) -> Iterator[tuple[str, Source]]:
    key, suffix = os.path.abspath(path), _suffix(path)
    if suffix in VIDEO_SUFFIXES:
        yield key, Video(path, short, frames)
    elif suffix == ZIP:
        yield from _archive(Path(path))
    else:  # whatever a user names himself is looked at, and told if it is no picture
        yield key, Still(path, short, partial(read_picture, Path(path)))


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lower()


def _archive(path: Path) -> Iterator[tuple[str, Source]]:
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise UserError(f"{path}: is no zip archive that can be read ({error})") from error
    names = [PurePosixPath(entry.filename) for entry in archive.infolist() if not entry.is_dir()]
    pictures = [name for name in names if name.suffix.lower() in PICTURE_SUFFIXES and not _hidden(name)]
    if not pictures:
        raise UserError(f"{path}: no picture in this archive")
    for name in pictures:
        still = Still(
            f"{path}/{name}", f"{path.stem}/{name}", partial(_read_member, archive, str(name), f"{path}/{name}")
        )
        yield f"{path.absolute()}/{name}", still


def _hidden(name: PurePosixPath) -> bool:
    parts = [part for part in name.parts if part not in (".", "..")]  # nothing is unpacked, so these lead nowhere
    return any(part.startswith((".", "__MACOSX")) for part in parts)


def _read_member(archive: zipfile.ZipFile, member: str, name: str) -> Picture:
    try:
        if archive.getinfo(member).file_size > LARGEST_MEMBER:
            return Picture(
                name, None, reason=f"{name}: unpacks to more than {LARGEST_MEMBER >> 20} MB, so it is no photograph"
            )
        return Picture(name, decode(archive.read(member), name))
    except UserError as error:
        return Picture(name, None, reason=" ".join(str(error).split()))
    except (OSError, RuntimeError, KeyError, zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as error:
        return Picture(name, None, reason=f"{name}: cannot be unpacked ({error})")
