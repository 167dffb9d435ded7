"""Pictures of many formats, sizes and depths, whole and damaged."""

import io
from functools import cache

import numpy as np
from hypothesis import strategies as st
from PIL import Image

SIZES = ((48, 48), (6, 5), (1, 1), (1, 300), (300, 1), (64, 40))
MODES = {
    "png": ("L", "RGB", "RGBA", "P", "1", "I;16", "LA"),
    "jpeg": ("L", "RGB", "CMYK"),
    "bmp": ("L", "RGB", "P", "1"),
    "tiff": ("L", "RGB", "I;16", "F", "CMYK", "1"),
    "webp": ("RGB", "RGBA"),
    "gif": ("L", "P"),
}
SUFFIXES = {"png": ".png", "jpeg": ".jpg", "bmp": ".bmp", "tiff": ".tif", "webp": ".webp", "gif": ".gif"}
FOREIGN = (b"", b"\0", b"no picture at all\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"PK\x05\x06" + bytes(18))


@cache
def picture(form: str, mode: str, size: tuple[int, int], key: int) -> bytes:
    """A file with a smooth random picture.

    Args:
        form: of `MODES`.
        mode: of Pillow.
        size: width and height.
        key: of the picture.
    """
    grey = np.random.default_rng(key).integers(0, 256, (6, 6)).astype(np.uint8)
    smooth = Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(smooth).astype(np.uint16) * 200)
    elif mode == "F":
        image = Image.fromarray(np.asarray(smooth).astype(np.float32) / 255)
    else:
        image = smooth.convert("RGB").convert("RGBA").convert(mode) if mode in ("RGBA", "LA") else smooth.convert(mode)
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


@st.composite
def whole_pictures(draw: st.DrawFn) -> tuple[str, bytes]:
    """Suffix and content of a picture file."""
    form = draw(st.sampled_from(sorted(MODES)))
    content = picture(form, draw(st.sampled_from(MODES[form])), draw(st.sampled_from(SIZES)), draw(st.integers(0, 9)))
    return SUFFIXES[form], content


@st.composite
def damaged_pictures(draw: st.DrawFn) -> tuple[str, bytes]:
    """Suffix and content of a file that is cut off, flipped, foreign, misnamed, or whole after all."""
    suffix, content = draw(whole_pictures())
    damage = draw(st.sampled_from(("none", "cut", "flip", "foreign", "in front", "misnamed", "doubled")))
    if damage == "cut":
        content = content[: draw(st.integers(0, len(content) - 1))]
    elif damage == "flip":
        changed = bytearray(content)
        for place in draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
            changed[place] = draw(st.integers(0, 255))
        content = bytes(changed)
    elif damage == "foreign":
        content = draw(st.sampled_from(FOREIGN))
    elif damage == "in front":
        content = draw(st.binary(min_size=1, max_size=8)) + content
    elif damage == "doubled":
        content += content
    elif damage == "misnamed":
        suffix = draw(st.sampled_from(sorted(SUFFIXES.values())))
    return suffix, content
