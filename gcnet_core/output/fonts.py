"""Fonts that have the letters at hand: DejaVu Sans, which matplotlib brings, else another installed one."""

import unicodedata
from functools import cache
from pathlib import Path

USUAL = "DejaVu Sans"
NO_FONTS = ("Last Resort", "Adobe Blank")
"""Families that claim every letter and show none."""
REGULAR = (400, "normal", "regular")
SHAPING = (3, 11)
"""The matplotlib that sets joined letters and lines from right to left as they are read."""


@cache
def families(text: str) -> tuple[str, ...]:
    """Names of fonts that have the letters of a text together, for matplotlib; none if some letter is in no font.

    Args:
        text: that will be drawn.
    """
    lacking = _letters(text) - _letters_of(_usual_file())
    chosen = [USUAL]
    for name, file in _installed() if lacking else ():
        found = lacking & _letters_of(file)
        if found:
            chosen.append(name)
            lacking -= found
        if not lacking:
            break
    return () if lacking else tuple(chosen)


@cache
def font_file(text: str) -> str | None:
    """A font file that has all letters of a text; None if there is none."""
    wanted = _letters(text)
    files = (_usual_file(), *(file for _, file in _installed()))
    return next((file for file in files if wanted <= _letters_of(file)), None)


@cache
def is_joined(text: str) -> bool:
    """Whether a text is read from right to left, or its letters change with their neighbors."""
    return any(
        unicodedata.bidirectional(letter) in ("R", "AL") or unicodedata.category(letter) in ("Mn", "Mc")
        for letter in text
    )


@cache
def matplotlib_shapes() -> bool:
    """Whether the installed matplotlib can draw joined texts."""
    import matplotlib

    return matplotlib.__version_info__[:2] >= SHAPING


def _letters(text: str) -> frozenset[int]:
    return frozenset(ord(letter) for letter in text if not letter.isspace())


@cache
def _usual_file() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    """Name and file of every upright, regular font, in the order of their names."""
    from matplotlib.font_manager import fontManager

    upright = (entry for entry in fontManager.ttflist if entry.style == "normal" and entry.weight in REGULAR)
    return tuple(sorted({(entry.name, entry.fname) for entry in upright if not entry.name.startswith(NO_FONTS)}))


@cache
def _letters_of(file: str) -> frozenset[int]:
    """Which letters a font has; none if it cannot be read."""
    from matplotlib.ft2font import FT2Font

    try:
        return frozenset(FT2Font(file).get_charmap())
    except (OSError, RuntimeError):
        return frozenset()
