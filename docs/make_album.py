"""Draw docs/figures/album.png and write the tables of docs/album.md from docs/lab/album_*.json.

Run `python docs/make_album.py` after tests/benchmarks/album_curve.py has measured; docs/album.md gives its commands.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gcnet_core.report.style import STYLE, colour, marker

HERE = Path(__file__).parent
PICTURE = HERE / "figures" / "album.png"
PAGE = HERE / "album.md"
DATA = {"ar": "AR", "ckplus": "CK+", "drawn": "drawn faces", "pretrained": "AR, begun on FER2013"}
DRAWN = ("ar", "ckplus")
SIZES = (0, 1, 2, 3, 4, 8)
NAMES = {
    "album": "the album itself",
    "any": "one model for all",
    "generated": "generated",
    "true_neutral": "true neutral",
}

Figures = dict[str, dict[str, dict[str, Any]]]
"""By recipe and by what is given."""


def measured(data: str) -> Figures:
    """What the benchmark wrote; nothing where it was not run."""
    path = HERE / "lab" / f"album_{data}.json"
    found: Figures = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {name.rpartition("/")[2]: settings for name, settings in found.items()}


def of_size(size: int) -> str:
    """The name under which an album of so many pictures was measured."""
    return f"{size} random" if size else "query alone"


def draw() -> None:
    """Points above the CNN on the query alone against the number of pictures, a panel for each data set."""
    panels = {data: measured(data) for data in DRAWN if measured(data)}
    with rc_context(STYLE):
        figure = Figure(figsize=(5.0 * len(panels), 3.9))
        for axis, (data, recipes) in zip(
            figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
        ):
            panel(axis, DATA[data], recipes)
        figure.savefig(PICTURE, dpi=130)


def panel(axis: Axes, title: str, recipes: Figures) -> None:
    """The curves of one data set."""
    axis.axhline(0, color="#666666", linewidth=1)
    for position, (name, settings) in enumerate(recipes.items()):
        sizes = [size for size in SIZES if of_size(size) in settings]
        entries = [settings[of_size(size)]["against"] for size in sizes]
        low, high = ([100 * entry["interval"][side] for entry in entries] for side in (0, 1))
        axis.fill_between(sizes, low, high, color=colour(position), alpha=0.15, linewidth=0)
        middle = [100 * entry["difference"] for entry in entries]
        axis.plot(sizes, middle, marker(position) + "-", color=colour(position), label=NAMES.get(name, name))
        given = settings.get("query alone + true neutral")
        if given and name == "any":
            at = 100 * given["against"]["difference"]
            axis.axhline(at, color=colour(position), linestyle=":", label="the same with a true neutral alone")
    axis.set(title=title, xlabel="other pictures of the person", ylabel="points above the CNN")
    axis.set_xticks([size for size in SIZES if any(of_size(size) in settings for settings in recipes.values())])
    axis.legend(loc="best")


def is_shown(given: str) -> bool:
    """Whether a setting has a row: balanced and one-sided albums of one picture are random ones."""
    return not re.search(r"balanced|\bone\b|[123] random \+", given)


def table(data: str) -> Iterator[str]:
    """A row for each recipe and for what is given."""
    yield "| model | given beside the query | accuracy, % | minus the CNN | p | minus the album itself | p |"
    yield "| --- | --- | --: | --: | --: | --: | --: |"
    for name, settings in measured(data).items():
        for given, entry in settings.items():
            if not is_shown(given):
                continue
            cells = [NAMES.get(name, name), given, f"{100 * entry['accuracy']:.1f}"]
            cells += [*difference(entry["against"]), *difference(entry["first"])]
            yield f"| {' | '.join(cells)} |"


def difference(paired: dict[str, Any] | None) -> tuple[str, str]:
    """A difference in points with its interval over subjects, and its p."""
    if paired is None:
        return "", ""
    low, high = paired["interval"]
    p = "< 0.001" if paired["p"] < 0.001 else f"{paired['p']:.2g}"
    return f"{100 * paired['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})", p


def page(text: str) -> str:
    """The page with its tables made anew."""
    for data in DATA:
        head, tail = f"<!-- {data} -->\n", f"\n<!-- end of {data} -->"
        before, found, rest = text.partition(head)
        if found:
            text = before + head + "\n".join(table(data)) + tail + rest.partition(tail)[2]
    return text


if __name__ == "__main__":
    draw()
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
