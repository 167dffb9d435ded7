"""Decoding: pixels as a person sees them, from every kind of file that is read; a sentence for all others."""

import io
import os
import socket
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gcnet_core.data.decode import decode
from gcnet_core.data.head import MEGAPIXELS
from gcnet_core.data.picture_files import PICTURE_SUFFIXES, is_hidden, kind_of, read_file, split_name
from gcnet_core.plugin_api import UserError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
COLOUR = np.stack([GREY, GREY // 2, 255 - GREY], axis=2)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def by_opencv(suffix: str, pixels: np.ndarray) -> bytes:
    return bytes(cv2.imencode(suffix, pixels)[1].tobytes())


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM", "GIF"])
def test_what_is_stored_without_loss_is_read_exactly(kind: str) -> None:
    assert (decode(encoded(Image.fromarray(GREY), kind), "a")[:, :, :1] == GREY[:, :, None]).all()
    if kind != "GIF":  # of 256 colours
        assert (decode(encoded(Image.fromarray(COLOUR), kind), "a") == COLOUR).all()


def test_every_suffix_is_of_a_kind_that_the_decoder_reads(tmp_path: Path) -> None:
    kinds = {
        **dict.fromkeys((".jpg", ".jpeg", ".jpe", ".jfif"), "JPEG"),
        **dict.fromkeys((".tif", ".tiff"), "TIFF"),
        **dict.fromkeys((".pgm", ".ppm", ".pbm", ".pnm"), "PPM"),
        ".png": "PNG",
        ".bmp": "BMP",
        ".webp": "WEBP",
        ".gif": "GIF",
        ".jp2": "JPEG2000",
        ".avif": "AVIF",
    }
    assert kinds.keys() == PICTURE_SUFFIXES
    picture = Image.fromarray(np.full((40, 30, 3), 120, np.uint8))
    for kind in set(kinds.values()):
        pixels = decode(encoded(picture, kind), "a")
        assert pixels.shape == (40, 30, 3)
        assert abs(int(pixels.mean()) - 120) < 3, kind


def test_what_is_transparent_is_white() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    opacity = np.zeros((8, 8, 1), np.uint8)
    opacity[:4], opacity[4] = 255, 51
    picture = Image.fromarray(np.concatenate([noise, opacity], axis=2))
    for kind in ("PNG", "TIFF"):
        pixels = decode(encoded(picture, kind), "a")
        assert (pixels[:4] == noise[:4]).all()
        assert np.abs(pixels[4] - (0.2 * noise[4] + 0.8 * 255)).max() <= 0.51
        assert (pixels[5:] == 255).all()
    grey = decode(encoded(picture.convert("LA"), "PNG"), "a")
    assert grey.shape == (8, 8, 1)
    assert (grey[5:] == 255).all()
    palette = Image.fromarray(np.zeros((4, 4), np.uint8), "P")
    palette.putpalette([10, 20, 30] * 2)
    assert (decode(encoded(palette, "PNG", transparency=0), "a") == 255).all()
    assert (decode(encoded(palette, "PNG"), "a") == (10, 20, 30)).all()


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_few_bits_in_sixteen_are_scaled_to_eight(bits: int) -> None:
    deep = (np.arange(12, dtype=np.uint16).reshape(3, 4) * (2**bits - 1) // 11).astype(np.uint16)
    for suffix in (".png", ".tif", ".pgm"):
        assert (decode(by_opencv(suffix, deep), "a")[:, :, 0] == deep >> (bits - 8)).all()


def test_floating_point_numbers() -> None:
    unit = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    expected = np.round(255 * unit).astype(np.uint8)
    assert (decode(by_opencv(".tif", unit), "a")[:, :, 0] == expected).all()
    assert (decode(by_opencv(".tif", 255 * unit), "a")[:, :, 0] == expected).all()
    wrongs = {"values from -0.5": unit - 0.5, "values up to 10000": unit * 1e4, "nan": unit * np.float32("nan")}
    for told, wrong in wrongs.items():
        with pytest.raises(UserError, match=rf"^a\.tif: .*{told}"):
            decode(by_opencv(".tif", wrong), "a.tif")


def test_other_kinds_of_pixels() -> None:
    red = Image.new("RGB", (16, 16), (200, 50, 30))
    cmyk = decode(encoded(red.convert("CMYK"), "JPEG", quality=100), "a")
    assert np.abs(cmyk.astype(int) - (200, 50, 30)).max() < 4
    bits = Image.fromarray(GREY > 100)
    assert (decode(encoded(bits, "PNG"), "a")[:, :, 0] == (GREY > 100) * 255).all()
    frames = [Image.fromarray(np.full((4, 4), level, np.uint8)) for level in (30, 200)]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (decode(moving, "a") == 30).all()  # the first counts


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_stand_upright(kind: str) -> None:
    turned = Image.Exif()
    turned[274] = 6
    wide = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 8, axis=0).repeat(8, axis=1)).convert("RGB")
    upright = decode(encoded(wide, kind, exif=turned), "a")
    assert upright.shape == (16, 8, 3)
    assert upright[2].mean() < 20 < 230 < upright[-2].mean()


def test_a_picture_with_too_many_pixels_is_told_by_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    content = encoded(Image.fromarray(np.zeros((100, 300), np.uint8)), "PNG")
    monkeypatch.setenv(MEGAPIXELS, "0.02")
    with pytest.raises(UserError, match=r"^a\.png: 300 x 100 pixels; at most 0\.02 million are read \(GCNET_MAX_MEG"):
        decode(content, "a.png")
    deep = by_opencv(".tif", np.zeros((100, 300, 3), np.float32))  # of which Pillow cannot tell the size
    with pytest.raises(UserError, match="300 x 100 pixels"):
        decode(deep, "a.tif")
    monkeypatch.setenv(MEGAPIXELS, "0.03")
    assert decode(content, "a.png").shape == (100, 300, 1)
    monkeypatch.setenv(MEGAPIXELS, "many")
    with pytest.raises(UserError, match="GCNET_MAX_MEGAPIXELS=many: expected how many million"):
        decode(content, "a.png")


def test_kinds_that_are_not_read_are_named() -> None:
    for content, kind in ((b"v/1\x01" + bytes(20), "OpenEXR"), (b"\0\0\0\x18ftypheic" + bytes(20), "HEIC")):
        with pytest.raises(UserError, match=f"^a: a picture of the kind {kind}, which is not read; save it as PNG"):
            decode(content, "a")
    for content in (b"", b"x", b"<svg>"):
        with pytest.raises(UserError, match="^a: not an image, or damaged"):
            decode(content, "a")


WHOLE = [
    encoded(Image.fromarray(COLOUR), kind) for kind in ("PNG", "JPEG", "BMP", "TIFF", "GIF", "WEBP", "PPM", "AVIF")
] + [encoded(Image.fromarray(COLOUR).convert("RGBA"), "PNG"), by_opencv(".tif", COLOUR.astype(np.float32))]


@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8), st.floats(0, 1))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_damaged_pictures_are_read_or_told(whole: bytes, changes: list[tuple[float, int]], kept: float) -> None:
    content = bytearray(whole)
    for place, byte in changes:
        content[int(place * (len(content) - 1))] = byte
    told, pixels = "a: ", np.zeros((1, 1, 1), np.uint8)
    try:
        pixels = decode(bytes(content[: int(kept * len(content)) + 1]), "a")
    except UserError as error:
        told = str(error)
    assert told.startswith("a: ")
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] in (1, 3)


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "link.png").symlink_to("gone.png")
    (tmp_path / "round.png").symlink_to("round.png")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s.png"))
    told = {"pipe": "a pipe", "folder": "a folder", "link": "No such file", "round": "symbolic links", "s": "a socket"}
    for name, reason in told.items():
        with pytest.raises(UserError, match=rf"{name}\.png: cannot be read \(.*{reason}"):
            read_file(tmp_path / f"{name}.png")
    server.close()
    with pytest.raises(UserError, match="cannot be read"):
        read_file(Path("/dev/zero"))
    (tmp_path / "large.png").write_bytes(bytes(3_000_000))
    with pytest.raises(UserError, match=r"large\.png: 3 MB; at most 1 MB are read"):
        read_file(tmp_path / "large.png", largest=2**20)


def test_one_rule_for_what_is_hidden() -> None:
    hidden = [
        ".a.png",
        "._a.png",
        ".ipynb_checkpoints/a.png",
        "a/.b/c.png",
        "__MACOSX/a.png",
        "a/Thumbs.db",
        ".DS_Store",
    ]
    assert all(map(is_hidden, [*hidden, "a/@eaDir/b.png", "desktop.ini"]))
    assert not any(map(is_hidden, ["a.png", "a/b..png", "../a.png", "./a.png", "a b/c.png", "_a.png", "~a.png"]))


def test_a_sign_in_a_name_is_its_own_and_a_fragment_is_none_of_it() -> None:
    own = [
        "S00_#happy.png",
        "a#frame=3.png",
        "a#row=1/b.png",
        "#.png",
        "a.png#",
        "a.jpg#xywh=x",
        "%23.png",
        "[a]~#?.png",
    ]
    assert [split_name(name) for name in own] == [(name, "") for name in own]
    assert split_name("a#b.jpg#xywh=20,10,64,64") == ("a#b.jpg", "xywh=20,10,64,64")
    assert split_name("S035.avi#frame=12&rotate=90") == ("S035.avi", "frame=12&rotate=90")
    assert split_name("fer2013.csv#row=17") == ("fer2013.csv", "row=17")


def test_kinds_are_told_by_the_first_bytes() -> None:
    names = ["PNG", "JPEG", "BMP", "TIFF", "GIF", "WebP", "PNM", "AVIF"]
    assert [kind_of(content[:16]) for content in WHOLE[:8]] == names
    assert kind_of(b"P5 is a letter") == "PNM"
    assert kind_of(b"") is kind_of(b"Press") is None
