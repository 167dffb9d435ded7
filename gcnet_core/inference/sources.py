"""Sources: the pictures, folders, patterns, archives, videos and cameras that a user names, each opened in its turn."""

import glob
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from gcnet_core.data.archives import Archive, is_archive, open_archive
from gcnet_core.data.decode import decode
from gcnet_core.data.folders import below
from gcnet_core.data.picture_files import (
    LARGEST_FILE,
    PICTURE_SUFFIXES,
    UNREAD_SUFFIXES,
    is_hidden,
    is_picture,
    suffix_of,
)
from gcnet_core.inference.pictures import Picture, Unread, read_picture
from gcnet_core.inference.videos.frames import Camera, Frames, Video
from gcnet_core.plugin_api import UserError

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".mts", ".m2ts"}
)
CAMERA = re.compile(r"camera(?::(\d+))?")


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
    wanted = [file for file in files if suffix_of(file) in PICTURE_SUFFIXES | UNREAD_SUFFIXES | VIDEO_SUFFIXES]
    if not wanted:
        raise UserError(else_)
    start = len(os.path.join(folder, ""))
    for file in wanted:
        yield from _file(file, file[start:], frames)


def _below(folder: str) -> list[str]:
    """Files below a folder in the order of their names, without hidden ones and what hidden folders hold."""
    root = Path(folder)
    names = (path.relative_to(root).as_posix() for path in below(root))
    found = sorted((name for name in names if not is_hidden(name)), key=lambda name: name.split("/"))
    return [os.path.join(folder, name) for name in found]


def _file(path: str, short: str, frames: Frames) -> Iterator[tuple[str, Source]]:
    key, suffix = os.path.abspath(path), suffix_of(path)
    if suffix in VIDEO_SUFFIXES:
        yield key, Video(path, short, frames)
    elif is_archive(path):
        yield from _archive(Path(path))
    else:  # whatever a user names himself is looked at, and told if it is no picture
        yield key, Still(path, short, partial(read_picture, Path(path)))


def _archive(path: Path) -> Iterator[tuple[str, Source]]:
    archive = open_archive(path)
    pictures = [name for name in archive.names if is_picture(name) and not is_hidden(name)]
    if not pictures:
        packed = next((name for name in archive.names if is_archive(name) and not is_hidden(name)), None)
        raise UserError(f"{path}: no picture in this archive" + (f"; unpack it, it holds {packed}" if packed else ""))
    for name in pictures:
        place = f"{path}/{name}"
        yield f"{path.absolute()}/{name}", Still(place, f"{path.stem}/{name}", partial(_member, archive, name, place))


def _member(archive: Archive, name: str, place: str) -> Picture:
    try:
        return Picture(place, decode(archive.read(name, LARGEST_FILE), place))
    except UserError as error:
        return Picture(place, None, reason=" ".join(str(error).split()))
