"""Letters in figures: fonts that have them, and numbers with a legend for names that no font has."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.text import Text

from gcnet_core.output.drawn_names import drawn_names, legend_of
from gcnet_core.output.fonts import families, is_joined, matplotlib_shapes


def drawn(names: Sequence[str]) -> list[str]:
    """What a figure shows for names, such as classes, numbered from 1; see `drawn_names`."""
    return drawn_names(names, _can_draw)


def legend(names: Sequence[str]) -> str:
    """A sentence for the caption with the names that a figure shows otherwise; empty where there are none."""
    numbered = legend_of(names, drawn(names))
    return f" In the figure: {numbered}." if numbered else ""


def set_letters(figure: Figure) -> None:
    """Choose fonts for all texts of a figure; a letter that no font has is drawn as an escape."""
    for text in figure.findobj(Text):
        content = text.get_text() if isinstance(text, Text) else ""
        if not content or not isinstance(text, Text):
            continue
        if not families(content):
            content = "".join(letter if families(letter) else _escape(letter) for letter in content)
            text.set_text(content)
        text.set_fontfamily(list(families(content)))


def _can_draw(name: str) -> bool:
    return bool(families(name)) and (matplotlib_shapes() or not is_joined(name))


def _escape(letter: str) -> str:
    return letter.encode("ascii", "backslashreplace").decode("ascii")
