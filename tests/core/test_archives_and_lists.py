"""Archives and lists as people have them: read, or told with the member, or with file and line."""

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.archives import DamagedArchive, is_archive, open_archive
from gcnet_core.data.source import find_data
from gcnet_core.data.text import LONGEST_CELL, read_table, read_text
from gcnet_core.plugin_api import Registry, UserError

MEMBERS = {"a/1.png": b"one", "b.csv": b"two", "a/字#[x].png": b"three"}


def as_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("empty")
        for name, content in MEMBERS.items():
            archive.writestr(name, content)


def as_tar(path: Path) -> None:
    packing = {".tar": "w", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w:gz")
    with tarfile.open(path, packing) as archive:
        folder = tarfile.TarInfo("./empty")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in MEMBERS.items():
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)


@pytest.mark.parametrize("suffix", [".zip", ".ZIP", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_archives_are_read_without_being_unpacked(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"faces{suffix}"
    (as_zip if suffix.lower() == ".zip" else as_tar)(path)
    assert is_archive(path)
    archive = open_archive(path)
    assert {name: archive.read(name) for name in archive.names if name not in archive.special} == MEMBERS
    assert {name: archive.size(name) for name in MEMBERS} == {name: len(text) for name, text in MEMBERS.items()}
    assert archive.folders == ("empty",)
    assert list(archive.special) == ([] if suffix.lower() == ".zip" else ["link.png"])
    assert open_archive(path) is archive  # not unpacked again
    for name in (*archive.special, "gone.png"):
        with pytest.raises(UserError, match=f"{name}: not in this archive"):
            archive.read(name)
    with pytest.raises(UserError, match=r"b\.csv: cannot be unpacked \(unpacks to 0 MB; at most 0 MB are read\)"):
        archive.read("b.csv", largest=2)


def test_members_with_backslashes_lie_in_folders(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("faces\\happy\\1.png", b"x")
    assert open_archive(tmp_path / "a.zip").names == ("faces/happy/1.png",)
    assert open_archive(tmp_path / "a.zip").read("faces/happy/1.png") == b"x"


def test_archives_in_an_archive_are_named(tmp_path: Path) -> None:
    as_zip(tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "faces.zip")
    with pytest.raises(UserError, match=r"outer\.zip: holds archives alone, such as faces\.zip; unpack it"):
        find_data(str(tmp_path / "outer.zip"), Registry({}, {}, []))


def damage(path: Path, change: Callable[[bytearray], None]) -> None:
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


def test_what_is_wrong_with_a_member_is_told_with_its_name(tmp_path: Path) -> None:
    for name, place, value, told in (
        ("crc", 14, 1, "Bad CRC-32"),
        ("locked", 6, 1, "it is encrypted; unpack the archive with its password"),
        ("method", 8, 97, "pack it anew with the usual method, deflate"),
    ):
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("in/1.png", b"x" * 20)

        def change(content: bytearray, place: int = place, value: int = value) -> None:
            for start, shift in ((content.find(b"PK\3\4"), 0), (content.find(b"PK\1\2"), 2)):
                content[start + place + shift] ^= value

        damage(path, change)
        with pytest.raises(UserError, match=rf"{name}\.zip/in/1\.png: cannot be unpacked \(.*{told}"):
            open_archive(path).read("in/1.png")


CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6)


@given(st.sampled_from(["zip", "tar", "tar.gz"]), st.floats(0, 1), CHANGES)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_damaged_archives_are_read_or_told(
    tmp_path_factory: pytest.TempPathFactory, suffix: str, kept: float, changes: list[tuple[float, int]]
) -> None:
    path = tmp_path_factory.mktemp("damaged") / f"a.{suffix}"
    (as_zip if suffix == "zip" else as_tar)(path)
    content = bytearray(path.read_bytes())
    for place, byte in changes:
        content[int(place * (len(content) - 1))] = byte
    path.write_bytes(content[: int(kept * len(content)) + 1])
    told = {}
    try:
        archive = open_archive(path)
        for name in archive.names:
            try:
                archive.read(name)
            except UserError as error:
                told[f"{path}/{name}: "] = str(error)
    except DamagedArchive as error:
        told[f"{path}: not a "] = str(error)
    assert all(text.startswith(start) for start, text in told.items())


def test_encodings_are_read_or_told_with_the_line() -> None:
    text = "image,subject\na.png,José 字\n"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert read_text(text.encode(encoding), "a.csv").removeprefix("\ufeff") == text
        _, rows = read_table(text.encode(encoding), "a.csv", ("image",))
        assert [row.cells["subject"] for row in rows] == ["José 字"]
    for content, told in (
        ("a\nJosé\n".encode("cp1252"), r"^a\.csv:2: the byte E9 is not UTF-8; save the file as UTF-8$"),
        ("ab\nc\n".encode("utf-16-le"), r"^a\.csv:1: a zero byte"),
        (b"\xff\xfea", r"^a\.csv:1: the byte 61 is not UTF-16"),
    ):
        with pytest.raises(UserError, match=told):
            read_text(content, "a.csv")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "a.csv:1: no column image; found nothing"),
        (
            "image;label\na;b\n",
            "a.csv:1: no column image; found image;label; write commas between the columns instead of ';'",
        ),
        ("image\tlabel\n", r"write commas between the columns instead of '\t'"),
        ("image,x,x\n", "a.csv:1: two columns are called x"),
        ("image,x\na\n", "a.csv:2: 1 cells, but 2 columns"),
        ("image,x\n\na,b,c\n", "a.csv:3: 3 cells, but 2 columns"),
        ('image,x\n"a,b\n' + "c" * LONGEST_CELL, "is a quotation mark not closed?"),
    ],
)
def test_lists_that_are_wrong_are_told_with_the_line(content: str, told: str) -> None:
    with pytest.raises(UserError) as error:
        list(read_table(content.encode(), "a.csv", ("image",))[1])
    assert told in str(error.value)


def test_blanks_around_names_line_ends_and_trailing_commas_do_not_count() -> None:
    for end in ("\n", "\r\n", "\r"):
        header, rows = read_table(f" image , x,{end}a,b,{end}{end}c,d,,{end}".encode(), "a.csv", ("image", "x"))
        assert header[:2] == ["image", "x"]
        assert [(row.number, row.cells["image"]) for row in rows] == [(0, "a"), (1, "c")]
