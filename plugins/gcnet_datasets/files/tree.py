"""Tree: the files of a data set, in a folder or in archives that nobody unpacked."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from gcnet_core.data.archives import LARGEST_MEMBER, Archive, is_archive, open_archive
from gcnet_core.data.folders import below, why_closed
from gcnet_core.data.picture_files import (
    LARGEST_FILE,
    PICTURE_SUFFIXES,
    is_hidden,
    is_picture,
    read_file,
    split_name,
    suffix_of,
)
from gcnet_core.data.text import read_text
from gcnet_core.plugin_api import UserError

VIDEO_SUFFIXES = frozenset({".avi", ".mp4", ".mov", ".mkv", ".mpg", ".mpeg", ".wmv", ".webm"})


class Tree:
    """Names and bytes of files below a root; an archive counts as a folder that bears its name.

    Args:
        root: a folder, an archive, or a single list.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        DamagedArchive: if the root is an archive that cannot be opened; the text names it.
    """

    def __init__(self, root: Path) -> None:
        if not root.exists():
            raise FileNotFoundError(root)
        is_list = root.is_file() and not is_archive(root)
        self.root, self.only = (root.parent, root.name) if is_list else (root, "")
        self.archives: dict[str, Archive | None] = {}
        self.lists: set[str] = set()
        """Files that were read and are neither pictures nor videos."""
        self.rows_left_out: Counter[str] = Counter()
        """Rows of lists that give no sample, counted by the reason, by those who read them."""
        self.whole = open_archive(root) if is_archive(root) and root.is_file() else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files, sorted, as paths relative to the root with `/`; without what is hidden or cannot be opened."""
        return tuple(name for name in self.everything if not is_hidden(name) and name not in self.closed)

    @cached_property
    def everything(self) -> tuple[str, ...]:
        """All that is no folder, sorted; also what is hidden, and what `closed` names."""
        if self.whole:
            return self.whole.names
        if self.only:
            return (self.only,)
        names: list[str] = []
        for path in below(self.root):
            name = path.relative_to(self.root).as_posix()
            archive = self._archive(name)
            names += [name] if archive is None else [f"{name}/{member}" for member in archive.names]
        return tuple(sorted(names))

    @cached_property
    def closed(self) -> dict[str, str]:
        """Those of `everything` that are no file which can be opened, and what they are: pipes, broken links."""
        found = {}
        for name in self.everything:
            archived = next(self._archives_of(name), None)
            what = archived[0].special.get(archived[1]) if archived else why_closed(self.path(name))
            if what:
                found[name] = what
        return found

    @cached_property
    def pictures(self) -> tuple[str, ...]:
        """The files whose suffix is that of a picture."""
        return tuple(name for name in self.names if is_picture(name))

    @cached_property
    def empty(self) -> tuple[str, ...]:
        """Folders without a file, sorted; hidden ones are left out."""
        if self.whole:
            folders = set(self.whole.folders)
        else:
            places = (Path(place) for place, _, _ in os.walk(self.root, followlinks=False))
            folders = {place.relative_to(self.root).as_posix() for place in places}
        return tuple(sorted(name for name in folders - _parents(self.names) - _parents(folders) if not is_hidden(name)))

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
            UserError: if it cannot be read, naming it.
        """
        if not is_seen(name):
            self.lists.add(name)
        largest = LARGEST_FILE if is_picture(name) else LARGEST_MEMBER
        for archive, member in self._archives_of(name):
            return archive.read(member, largest)
        return read_file(self.path(name), largest)

    def size(self, name: str) -> int:
        """The number of bytes of one file; 0 where it is not there."""
        for archive, member in self._archives_of(name):
            return archive.size(member)
        return self.path(name).stat().st_size if self.path(name).is_file() else 0

    def text(self, name: str) -> str:
        """One file as text.

        Raises:
            UserError: if it cannot be read, or is not UTF-8.
        """
        return read_text(self.read(name), self.path(name))

    def path(self, name: str) -> Path:
        """Where a file lies on disk, for messages and for libraries that open files themselves."""
        return self.root / name

    def outline(self, count: int = 8) -> str:
        """What lies at the top, for the message that something else was expected."""
        files = [name for name in self.names if "/" not in name]
        inside = Counter(PurePosixPath(name).parts[0] for name in self.names if "/" in name)
        folders = [f"{folder}/ ({number} files)" for folder, number in sorted(inside.items())]
        entries = folders + files
        more = f" and {len(entries) - count} more" if len(entries) > count else ""
        return ", ".join(entries[:count]) + more or "nothing"

    def in_archive(self, name: str) -> bool:
        """Whether a file lies in an archive."""
        return next(self._archives_of(name), None) is not None

    def files_of(self, names: Iterable[str]) -> tuple[Path, list[str]]:
        """A folder, and the files below it in which some pictures lie, each once, sorted: archives, lists, videos.

        Args:
            names: of pictures, with what may stand after their `#`.
        """
        if self.whole:
            return self.root.parent, [self.root.name]
        holds: dict[str, str | None] = {}
        files = set()
        for name in names:
            file, _ = split_name(name)
            folder = file.rpartition("/")[0]
            if folder not in holds:
                holds[folder] = self._archive_above(file)
            files.add(holds[folder] or file)
        return self.root, sorted(files)

    def _archives_of(self, name: str) -> Iterator[tuple[Archive, str]]:
        """The archive that holds a file, and its name there; none for a file on disk."""
        if self.whole:
            yield self.whole, name
            return
        for parent in PurePosixPath(name).parents:
            archive = self._archive(parent.as_posix())
            if archive:
                yield archive, name.removeprefix(f"{parent.as_posix()}/")
                return

    def _archive_above(self, name: str) -> str | None:
        """The name of the archive in which a file lies; None for a file on disk."""
        return next((place for place in map(str, PurePosixPath(name).parents) if self._archive(place)), None)

    def _archive(self, name: str) -> Archive | None:
        """What an archive below the root holds; None for other files, and for an archive that cannot be opened."""
        if not is_archive(name) or is_hidden(name):
            return None
        if name not in self.archives:
            try:
                self.archives[name] = open_archive(self.root / name) if (self.root / name).is_file() else None
            except UserError:  # it is named as a whole
                self.archives[name] = None
        return self.archives[name]


def is_seen(name: str) -> bool:
    """Whether a file is a picture or a video by its suffix."""
    return suffix_of(name) in PICTURE_SUFFIXES | VIDEO_SUFFIXES


def _parents(names: Iterable[str]) -> set[str]:
    """All folders above some files or folders."""
    parents: set[str] = set()
    for name in names:
        parents.update(parent.as_posix() for parent in PurePosixPath(name).parents)
    return parents
