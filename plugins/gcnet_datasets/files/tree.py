"""Tree: the files of a data set, in a folder or in zip archives that nobody unpacked."""

import os
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from gcnet_core.data.picture_files import PICTURE_SUFFIXES

VIDEO_SUFFIXES = frozenset({".avi", ".mp4", ".mov", ".mkv", ".mpg", ".mpeg", ".wmv", ".webm"})


class Tree:
    """Names and bytes of files below a root; an archive counts as a folder that bears its name.

    Args:
        root: a folder, or a zip archive.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        zipfile.BadZipFile: if an archive is damaged; the text names it.
    """

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise FileNotFoundError(root)
        self.root = root
        self.archives: dict[str, zipfile.ZipFile] = {}
        self.lists: set[str] = set()
        """Files that were read and are neither pictures nor videos."""
        self.rows_left_out: Counter[str] = Counter()
        """Rows of lists that give no sample, counted by the reason, by those who read them."""
        if root.is_file():
            self.archives[""] = _open(root)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files, sorted, as paths relative to the root with `/`; hidden files are left out."""
        return tuple(_visible(self.everything))

    @cached_property
    def everything(self) -> tuple[str, ...]:
        """All files, sorted, hidden ones too."""
        if "" in self.archives:
            return tuple(sorted(name for name in self.archives[""].namelist() if not name.endswith("/")))
        names = []
        for path in _below(self.root):
            name = path.relative_to(self.root).as_posix()
            if path.suffix.lower() == ".zip" and path.is_file():
                self.archives[name] = _open(path)
                names += [f"{name}/{member}" for member in self.archives[name].namelist() if not member.endswith("/")]
            elif path.is_file():
                names.append(name)
        return tuple(sorted(names))

    def why_not_data(self, name: str) -> str | None:
        """Why a file can be no part of any data set; None for a visible picture or video."""
        if not list(_visible([name])):
            return "hidden"
        return None if _is_picture(name) else f"no picture: {PurePosixPath(name).suffix.lower() or 'no suffix'}"

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The files whose suffix is that of a picture."""
        return tuple(name for name in self.names if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES)

    @cached_property
    def empty(self) -> tuple[str, ...]:
        """Folders without a file, sorted; hidden ones are left out."""
        if "" in self.archives:
            folders = {name.rstrip("/") for name in self.archives[""].namelist() if name.endswith("/")}
        else:
            folders = {path.relative_to(self.root).as_posix() for path in _below(self.root) if path.is_dir()}
        return tuple(sorted(_visible(folders - _parents(self.names) - _parents(folders))))

    def matching(self, pattern: str) -> Iterator[tuple[str, re.Match[str]]]:
        """Files whose path holds a regular expression, with the match; upper and lower case count alike."""
        compiled = re.compile(pattern, re.IGNORECASE)
        for name in self.names:
            match = compiled.search(name)
            if match:
                yield name, match

    def named(self, *names: str) -> str | None:
        """The first file of one of these names, at any depth."""
        wanted = {name.lower() for name in names}
        return next((path for path in self.names if PurePosixPath(path).name.lower() in wanted), None)

    def read(self, name: str) -> bytes:
        """The bytes of one file.

        Raises:
            OSError: if it cannot be read.
        """
        if not _is_picture(name):
            self.lists.add(name)
        for prefix, archive in self._archives_of(name):
            try:
                return archive.read(name.removeprefix(prefix).lstrip("/"))
            except KeyError as error:
                raise FileNotFoundError(2, "no such member of the archive", name) from error
        return (self.root / name).read_bytes()

    def size(self, name: str) -> int:
        """The number of bytes of one file."""
        for prefix, archive in self._archives_of(name):
            return archive.getinfo(name.removeprefix(prefix).lstrip("/")).file_size
        return (self.root / name).stat().st_size

    def text(self, name: str) -> str:
        """One file as text; what is not UTF-8 is read byte by byte."""
        content = self.read(name)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("latin-1")

    def path(self, name: str) -> Path:
        """Where a file lies on disk, for libraries that open files themselves."""
        return self.root / name

    def outline(self, count: int = 8) -> str:
        """What lies at the top, for the message that something else was expected."""
        files = [name for name in self.names if "/" not in name]
        inside = Counter(PurePosixPath(name).parts[0] for name in self.names if "/" in name)
        folders = [f"{folder}/ ({number} files)" for folder, number in sorted(inside.items())]
        entries = folders + files
        more = f" and {len(entries) - count} more" if len(entries) > count else ""
        return ", ".join(entries[:count]) + more or "nothing"

    def _archives_of(self, name: str) -> Iterator[tuple[str, zipfile.ZipFile]]:
        if "" in self.archives:
            yield "", self.archives[""]
            return
        for parent in PurePosixPath(name).parents:
            prefix = parent.as_posix()
            if prefix.lower().endswith(".zip") and (self.root / prefix).is_file():
                if prefix not in self.archives:
                    self.archives[prefix] = _open(self.root / prefix)
                yield prefix, self.archives[prefix]


def _below(root: Path) -> Iterator[Path]:
    """All files and folders below a root; links to folders are followed, each folder once."""
    seen = {os.path.realpath(root)}
    for place, folders, files in os.walk(root, followlinks=True):
        for name in list(folders):
            real = os.path.realpath(Path(place, name))
            if real in seen:  # a link back up would lead round and round
                folders.remove(name)
            seen.add(real)
        yield from (Path(place, name) for name in (*folders, *files))


def _is_picture(name: str) -> bool:
    """Whether a file is a picture or a video by its suffix."""
    return PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES | VIDEO_SUFFIXES


def _open(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise zipfile.BadZipFile(f"{path}: not a zip file, or not all of it ({error})") from error


def _parents(names: Iterable[str]) -> set[str]:
    """All folders above some files or folders."""
    parents: set[str] = set()
    for name in names:
        parents.update(parent.as_posix() for parent in PurePosixPath(name).parents)
    return parents


def _visible(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
        if not hidden and not name.endswith("/"):
            yield name
