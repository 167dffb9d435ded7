"""Findings about single images: broken, empty, tiny, or unlike most in size or colour."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from gcnet_core.data_validation.finding import Finding, Severity
from gcnet_core.data_validation.image_stats import ImageStats

TINY = 24
DARK = 64
"""Of 255: pictures with nothing brighter are perhaps of 14 bits, stored in 16 and scaled as if of 16."""
NEARLY_BLACK = f"images nearly black: nothing is brighter than {DARK} of 255; are few of the bits of their pixels used?"
SAME_NAME = "images whose names differ in case or in the writing of accents alone; other systems take them for one file"


def check_pictures(stats: ImageStats) -> Iterator[Finding]:
    """Images that are no good, or not like the others."""
    first_fault = next((fault for fault in stats.faults if fault), "")
    height, width, channels = stats.shape.T.tolist()
    shorter_sides = stats.shape[:, :2].min(axis=1)  # 0 where the image could not be read
    sizes = [f"{high}x{wide}" if high else "" for high, wide in zip(height, width, strict=True)]
    colors = list(map(_color, channels))
    broken = f"images that cannot be read or are cut off, first {first_fault}"
    constant = "images of one single grey level: no face"
    yield from _marked("unreadable", "error", broken, stats.names, map(bool, stats.faults))
    yield from _marked("constant", "error", constant, stats.names, stats.constant)
    yield from _marked("dark", "warning", NEARLY_BLACK, stats.names, _dark(stats))
    yield from _marked("same_name", "note", SAME_NAME, stats.names, _same_names(stats.names))
    yield from _marked(
        "tiny", "warning", f"images of fewer than {TINY} pixels a side", stats.names,
        (shorter_sides > 0) & (shorter_sides < TINY),
    )  # fmt: skip
    yield from _different("different_sizes", "sizes", stats.names, sizes)
    yield from _different("different_colours", "kinds", stats.names, colors)


def _dark(stats: ImageStats) -> Iterator[bool]:
    """Which images show nothing bright, those apart that cannot be read or are of one level."""
    dark = (stats.thumbnails.max(axis=(1, 2), initial=0) < DARK) & ~stats.constant
    return (not fault and flag for fault, flag in zip(stats.faults, dark.tolist(), strict=True))


def _same_names(names: Sequence[str]) -> Iterator[bool]:
    """Which names are the same for a system that does not tell cases and forms of accents apart."""
    keys = [unicodedata.normalize("NFC", name).casefold() for name in names]
    counts = Counter(keys)
    return (counts[key] > 1 for key in keys)


def _color(channels: int) -> str:
    return {0: "", 1: "grey"}.get(channels, "colour")


def _marked(
    name: str, severity: Severity, text: str, images: Sequence[str], marks: Iterable[bool]
) -> Iterator[Finding]:
    """The images that bear a mark."""
    found = tuple((image,) for image, marked in zip(images, marks, strict=True) if marked)
    if found:
        yield Finding(name, severity, text, len(found), found)


def _different(name: str, what: str, images: Sequence[str], values: Sequence[str]) -> Iterator[Finding]:
    """Images that are otherwise than most."""
    found = Counter(value for value in values if value)
    if len(found) > 1:
        usual = ", ".join(f"{value} ({number})" for value, number in found.most_common(3))
        text = f"images are of {len(found)} {what}, {usual}: a crop of another tool can cost ten points of accuracy"
        most = found.most_common(1)[0][0]
        yield from _marked(name, "note", text, images, (value not in ("", most) for value in values))
