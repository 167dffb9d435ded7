"""Findings about single images: broken, empty, tiny, or unlike most in size or colour."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from gcnet_core.data_validation.finding import Finding, Severity
from gcnet_core.data_validation.image_stats import ImageStats

TINY = 24


def check_pictures(stats: ImageStats) -> Iterator[Finding]:
    """Images that are no good, or not like the others."""
    first_fault = next((fault for fault in stats.faults if fault), "")
    shorter_sides = [min(height, width) for height, width, _ in stats.shape]  # 0 where the image could not be read
    sizes = [f"{height}x{width}" if height else "" for height, width, _ in stats.shape]
    colors = [_color(channels) for _, _, channels in stats.shape]
    broken = f"images that cannot be read or are cut off, first {first_fault}"
    constant = "images of one single grey level: no face"
    yield from _marked("unreadable", "error", broken, stats.names, map(bool, stats.faults))
    yield from _marked("constant", "error", constant, stats.names, stats.constant)
    yield from _marked(
        "tiny", "warning", f"images of fewer than {TINY} pixels a side", stats.names,
        (0 < side < TINY for side in shorter_sides),
    )  # fmt: skip
    yield from _different("different_sizes", "sizes", stats.names, sizes)
    yield from _different("different_colours", "kinds", stats.names, colors)


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
