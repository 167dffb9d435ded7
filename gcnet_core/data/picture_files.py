"""Which files are pictures and which are hidden: one rule for data sets, archives, photographs and predictions.

A name of a picture may hold more than a file: what stands after the last `#`, if it is written as below, says which
frame, row or rectangle is meant. No file whose suffix is that of a picture looks like that, so a `#` in its name is its
own.
"""

import os
import re
import stat
from pathlib import Path, PurePosixPath

from gcnet_core.plugin_api import UserError

PICTURE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".webp", ".gif"}
    | {".pgm", ".ppm", ".pbm", ".pnm", ".jp2", ".avif"}
)
UNREAD_SUFFIXES = frozenset(
    {".heic", ".heif", ".exr", ".hdr", ".psd", ".svg", ".jxl", ".tga", ".ico", ".pcx"}
    | {".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".dcm"}
)
"""Pictures too, which nothing here reads: they are named, never passed over in silence."""
LARGEST_FILE = 512 * 2**20
"""Bytes of a picture file; what is larger is no photograph."""

HEAD = 16
"""Bytes by which a picture is recognised."""

_SYSTEM = frozenset({"__macosx", "@eadir", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"})
_STEP = r"(?:frame=\d+|row=\d+|rotate=(?:90|-90|180)|half=(?:left|right)|xywh=-?\d[-\d.,]*)"
_FRAGMENT = re.compile(rf"#({_STEP}(?:&{_STEP})*)\Z")
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\xffO\xffQ", "JPEG 2000"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"v/1\x01", "OpenEXR"),
    (b"8BPS", "Photoshop"),
    (b"#?RADIANCE", "Radiance"),
)
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC"}
READ_KINDS = frozenset({"JPEG", "PNG", "GIF", "BMP", "TIFF", "JPEG 2000", "WebP", "AVIF", "PNM"})


def is_hidden(name: str) -> bool:
    """Whether a file, or a folder above it, is hidden, or made by a system or an editor for itself.

    Args:
        name: path below the folder that is searched, with `/`; what lies above that folder does not count.
    """
    parts = (part for part in name.split("/") if part not in ("", ".", ".."))
    return any(part.startswith(".") or part.lower() in _SYSTEM for part in parts)


def suffix_of(name: str) -> str:
    """The suffix in small letters, with its dot; empty if there is none."""
    return PurePosixPath(name).suffix.lower()


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its suffix, of a kind that is read."""
    return suffix_of(name) in PICTURE_SUFFIXES


def kind_of(content: bytes) -> str | None:
    """The kind of a picture by its first bytes, of which HEAD are enough; None if it seems to be none."""
    for start, kind in _SIGNATURES:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WebP"
    if content[4:8] == b"ftyp":
        return _BRANDS.get(content[8:12])
    return "PNM" if re.match(rb"P[1-6]\s", content) else None


def split_name(name: str) -> tuple[str, str]:
    """The file in a name of a picture, and what stands after its `#`; empty if all of it is the file's own name.

    Args:
        name: such as `a.jpg`, `C#/a.jpg`, `a.jpg#xywh=20,10,64,64` or `S035-004.avi#frame=12&rotate=90`.
    """
    found = _FRAGMENT.search(name)
    return (name[: found.start()], found[1]) if found else (name, "")


def read_file(path: Path, largest: int = LARGEST_FILE) -> bytes:
    """The bytes of a file; what would never end, such as a pipe, is not opened.

    Args:
        path: of the file; links are followed.
        largest: bytes that it may have.

    Raises:
        UserError: if it is no file, is too large, or cannot be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UserError(f"{path}: cannot be read ({special(status.st_mode)})")
        if status.st_size > largest:
            raise UserError(f"{path}: {status.st_size / 2**20:,.0f} MB; at most {largest / 2**20:,.0f} MB are read")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:  # a zero byte in the path
        raise UserError(f"{str(path)!r}: cannot be read ({error})") from error


def special(mode: int) -> str:
    """What lies in the place of a file, by its mode."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFLNK: "a broken link"}
    return kinds.get(stat.S_IFMT(mode), "a device")


def shortened(name: str, longest: int) -> str:
    """The beginning of a name that has at most so many bytes; characters stay whole."""
    return os.fsencode(name)[:longest].decode("utf-8", "ignore")
