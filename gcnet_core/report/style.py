"""One look for all figures: white, narrow enough for a phone, colours that colour-blind readers can tell apart."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from gcnet_core.files import write_bytes, write_text
from gcnet_core.report.data_uri import data_uri
from gcnet_core.report.lettering import legend, set_letters

WIDTH = 5.4
"""Width of a figure, inches. Two stand side by side on a desktop, one fills a phone."""

STYLE: dict[Any, Any] = {
    "font.size": 10.5,
    "axes.titlesize": 11.5,
    "axes.titleweight": "bold",
    "axes.labelsize": 10.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#666666",
    "axes.grid": False,
    "figure.facecolor": "white",
    "grid.color": "#e3e3e3",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "figure.constrained_layout.use": True,
    "text.parse_math": False,  # a class may be called a$b$c
}
"""matplotlib settings, for `matplotlib.rc_context`."""

COLOURS = ("#4477aa", "#cc6677", "#117733", "#ddaa33", "#332288", "#44aa99", "#882255", "#88ccee", "#999933", "#aa4499")
"""Qualitative colours after Paul Tol's schemes, made for colour-blind readers."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
LINES = ("-", "--", ":", "-.")
RIGHT, WRONG = "#11693c", "#b3261e"
"""Colours of right and wrong answers; a sign always says the same."""


@dataclass(frozen=True)
class Picture:
    """A figure on the page: PNG data as a URI, what it shows for those who cannot see it, and its caption."""

    uri: str
    alt: str
    caption: str
    width: int
    height: int


def colour(position: int) -> str:
    """The colour of a class or a curve."""
    return COLOURS[position % len(COLOURS)]


def marker(position: int) -> str:
    """The marker of a class; with more classes than colours the two together stay distinct."""
    return MARKERS[(position + position // len(COLOURS)) % len(MARKERS)]


def save(figure: Figure, path: Path, alt: str, caption: str, names: Sequence[str] = ()) -> Picture:
    """Write a figure as a PNG file and give it for the page.

    Args:
        figure: to be written.
        path: of the file; where the figure numbers names, a text file beside it says which.
        alt: what it shows, for those who cannot see it.
        caption: of the figure.
        names: in the figure, as `lettering.drawn` took them.
    """
    numbered = legend(names)
    png = io.BytesIO()
    with mpl.rc_context(STYLE):
        set_letters(figure)
        figure.savefig(png, format="png", dpi=200, metadata={"Software": None})
    write_bytes(path, png.getvalue())
    if numbered:
        write_text(path.with_suffix(".txt"), f"{caption}{numbered}\n")
    uri = data_uri(png.getvalue(), "png")
    width, height = (round(100 * inches) for inches in figure.get_size_inches())
    return Picture(uri, alt, caption + numbered, width, height)
