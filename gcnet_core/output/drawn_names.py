"""Names in pictures: as they are where a font has their letters and there is room, else numbers with a legend."""

from collections.abc import Callable, Sequence

from gcnet_core.output.visible import one_line

LONGEST = 20
"""Letters of a name for which there is room."""


def drawn_names(names: Sequence[str], can_draw: Callable[[str], bool]) -> list[str]:
    """What a picture shows for names, such as classes: each name, the beginning of a long one, or its number.

    Args:
        names: in the order in which they are numbered, from 1.
        can_draw: whether a text can be drawn.
    """
    shown = []
    for number, name in enumerate(map(one_line, names), start=1):
        if not name.strip() or not can_draw(name):
            shown.append(f"({number})")
        elif len(name) > LONGEST:
            shown.append(f"{name[: LONGEST - 5].rstrip()}… ({number})")
        else:
            shown.append(name)
    return [text if shown.count(text) == 1 else f"({number})" for number, text in enumerate(shown, start=1)]


def legend_of(names: Sequence[str], shown: Sequence[str]) -> str:
    """The names that a picture shows otherwise, as text; empty where there are none."""
    other = [
        f"{text} {one_line(name)}".rstrip()
        for text, name in zip(shown, names, strict=True)
        if text != one_line(name) or not name.strip()
    ]
    return ", ".join(other)
