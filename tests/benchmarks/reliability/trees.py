"""Folders as people have them: class folders, people, hidden files, archives, links, odd names, lists of all sorts."""

import io
import os
import zipfile
from pathlib import Path

from hypothesis import strategies as st

from tests.benchmarks.reliability.pictures import damaged_pictures, whole_pictures

Tree = dict[str, bytes | str | None]
"""Content by path; a text is the target of a symbolic link, None a pipe."""

CLASSES = (
    "happy",
    "sad",
    "angry",
    "neutral",
    "Surprise",
    "0",
    "1",
    "2",
    "Suprise",
    "fear",
    "开心",
    "a$b$c",
    "happiness",
)
PEOPLE = ("S01", "S02", "s01", "1", "01", "p (1)", "nan", "李", "anna", "Anna ", "-1", "happy")
ODD = (
    "#x", "[a]", "[/a]x", "~", "a'b", "=1", "w" * 200, ".hidden", "__MACOSX", ".ipynb_checkpoints", "._x", "\x1b[31m",
    "a\nb", "e\u0301", "é", b"\xff".decode("utf-8", "surrogateescape"), " ", "a\\b", "%s", "{}", "x.png", "CON",
    "\u202e", "S001#xywh=1,2,3,4", "train", "test", "images",
)  # fmt: skip
FILES = (".txt", ".csv", ".npy", ".zip", ".mp4", ".DS_Store", "Thumbs.db", ".PNG", ".exr", ".json", "")
LISTS = ("manifest.csv", "labels.csv", "fer2013.csv", "fer2013new.csv", "list_patition_label.txt", "preparation.json")


def _names(usual: tuple[str, ...]) -> st.SearchStrategy[str]:
    odd = st.sampled_from(ODD).map(lambda name: name.replace("/", "_"))
    return st.sampled_from(usual) | st.sampled_from(usual) | st.sampled_from(usual) | odd


def _files() -> st.SearchStrategy[tuple[str, bytes]]:
    other = st.tuples(st.sampled_from(FILES), st.binary(max_size=40) | st.just(b"text\n"))
    return whole_pictures() | whole_pictures() | damaged_pictures() | other


@st.composite
def _archives(draw: st.DrawFn) -> bytes:
    """A zip archive of a class folder, sometimes damaged."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(draw(st.integers(0, 3))):
            suffix, content = draw(_files())
            name = draw(_names(CLASSES)).encode("utf-8", "replace").decode()
            archive.writestr(f"{name}/{number}{suffix}", content)
    content = file.getvalue()
    return content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """A folder in one of the layouts that people have, with a few things that do not belong there."""
    layout = draw(
        st.sampled_from(("{c}/{n}", "{p}/{c}/{n}", "{c}/{p}/{n}", "{c}/{p}_{n}", "{n}_{c}", "{c}", "{o}/{c}/{n}"))
    )
    tree: Tree = {}
    usual = st.sampled_from(CLASSES[:5])  # half of the folders can be read as what they are
    names = usual if draw(st.booleans()) else _names(CLASSES)
    classes = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    people = draw(st.lists(_names(PEOPLE), min_size=1, max_size=3, unique=True))
    above = draw(_names(ODD))
    for name in classes:
        for person in people:
            for number in range(draw(st.integers(0, 2))):
                suffix, content = draw(_files())
                place = layout.format_map({"c": name, "p": person, "n": f"{number}{person[:9]}", "o": above})
                _put(tree, place + suffix, content)
    for _ in range(draw(st.integers(0, 3))):
        _put(tree, *draw(_strangers(sorted(tree))))
    return tree


@st.composite
def _strangers(draw: st.DrawFn, names: list[str]) -> tuple[str, bytes | str | None]:
    """Something that does not belong into the folder."""
    folder = draw(st.sampled_from(["", *(os.path.dirname(name) + "/" for name in names if "/" in name)]))
    kind = draw(st.sampled_from(("odd", "odd", "list", "archive", "link", "loop", "broken link", "pipe", "inside")))
    if kind == "list":
        return draw(st.sampled_from(LISTS)), draw(st.binary(max_size=60) | st.just(b"a;b\n1;2\n"))
    if kind == "archive":
        return f"{folder}{draw(_names(CLASSES))}.zip", draw(_archives())
    if kind == "link" and names:
        return f"{folder}link.png", os.path.abspath("/") + "nowhere" if not names else "@" + draw(
            st.sampled_from(names)
        )
    if kind == "loop":
        return f"{folder}loop", "@"
    if kind == "broken link":
        return f"{folder}broken.png", "nowhere.png"
    if kind == "pipe":
        return f"{folder}pipe.png", None
    suffix, content = draw(_files())
    inside = f"{draw(_names(CLASSES))}/" if kind == "inside" else ""
    return f"{folder}{inside}{draw(_names(ODD))}{suffix}", content


def _put(tree: Tree, path: str, content: bytes | str | None) -> None:
    """Add a file, unless the file system could not hold it."""
    parts = path.split("/")
    fits = all(0 < len(os.fsencode(part)) < 256 and part not in (".", "..") for part in parts)
    clash = any("/".join(parts[:depth]) in tree for depth in range(1, len(parts) + 1))
    if fits and not clash and not any(name.startswith(path + "/") for name in tree):
        tree[path] = content


def write_tree(root: Path, tree: Tree) -> None:
    """Put it on disk.

    Args:
        root: an empty folder.
        tree: what it shall hold; a link to `@name` goes to that file of the tree, to `@` alone to its root.
    """
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            os.mkfifo(path)
        elif isinstance(content, str):
            path.symlink_to(root / content[1:] if content.startswith("@") else content)
        else:
            path.write_bytes(content)


def on_disk(root: Path) -> set[str]:
    """All files below a folder, whatever they are; links to folders are none, members of archives stand for these."""
    found = set()
    for place, _, files in os.walk(root):
        for name in files:
            path = Path(place, name)
            relative = path.relative_to(root).as_posix()
            members = _members(path)
            found |= {relative} if members is None else {f"{relative}/{member}" for member in members}
    return found


def _members(path: Path) -> list[str] | None:
    if path.suffix.lower() != ".zip" or not path.is_file():
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            return [name for name in archive.namelist() if not name.endswith("/")]
    except (OSError, zipfile.BadZipFile):
        return None
