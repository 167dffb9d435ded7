"""Figures of albums: each query, the other pictures of the person, each one at rest, and what they become together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure

from gcnet_core.report.lettering import drawn
from gcnet_core.report.style import RIGHT, STYLE, WIDTH, WRONG
from gcnet_core.runs import Predictions

QUERIES = 4
"""In one figure; more figures follow for more queries."""
TITLE = 0.27
"""Height of the line above each query, inches."""
GAP = 0.04
"""Between pictures, inches."""

Pixels = UInt8[np.ndarray, "channel height width"]


@dataclass(frozen=True)
class Block:
    """What is shown of one query.

    Args:
        expression: true one.
        predicted: by the model.
        lines: query and album as they are and, where there is a generator, the same at rest; None where an album ends.
        joined: what the query is compared with, if that is known.
    """

    expression: str
    predicted: str
    lines: Sequence[Sequence[Pixels | None]]
    joined: Pixels | None


def album_figures(arrays: Mapping[str, np.ndarray], predictions: Predictions) -> list[Figure]:
    """Test images with their albums, a few in each figure.

    Args:
        arrays: of `gcnet_core.evaluation.album_pictures`, and `album.index` [M].
        predictions: in whose rows `album.index` points.

    Returns:
        Figures; none if the arrays hold no albums.
    """
    if "album.index" not in arrays:
        return []
    blocks = [_block(arrays, predictions, number) for number in range(len(arrays["album.index"]))]
    return [_figure(blocks[start : start + QUERIES]) for start in range(0, len(blocks), QUERIES)]


def _block(arrays: Mapping[str, np.ndarray], predictions: Predictions, number: int) -> Block:
    row, classes = arrays["album.index"][number], drawn(predictions.classes)
    known = arrays["album.known"][number]
    lines = []
    for kind in ("", "_at_rest"):
        if f"album.query{kind}" in arrays:
            album = zip(arrays[f"album.pictures{kind}"][number], known, strict=True)
            lines.append(
                [arrays[f"album.query{kind}"][number], *(picture if there else None for picture, there in album)]
            )
    return Block(
        expression=classes[predictions.labels[row]],
        predicted=classes[predictions.predicted[row]],
        lines=lines,
        joined=arrays["album.joined"][number] if "album.joined" in arrays else None,
    )


@mpl.rc_context(STYLE)
def _figure(blocks: Sequence[Block]) -> Figure:
    """Pictures at places of their own: a layout engine would leave gaps that tell nothing."""
    lines, columns = len(blocks[0].lines), len(blocks[0].lines[0]) + (blocks[0].joined is not None)
    step = min(WIDTH / columns, 1.2)
    height = TITLE + len(blocks) * (TITLE + lines * step)
    figure = Figure(figsize=(WIDTH, height))
    figure.set_layout_engine("none")

    def words(text: str, left: float, top: float, **look: str) -> None:
        figure.text(left / WIDTH, 1 - top / height, text, va="center", **look)  # type: ignore[arg-type]

    def show(picture: Pixels | None, left: float, top: float) -> None:
        if picture is not None:
            side = step - GAP
            axes = figure.add_axes((left / WIDTH, 1 - (top + side) / height, side / WIDTH, side / height))
            axes.imshow(picture.transpose(1, 2, 0).squeeze(), cmap="gray", vmin=0, vmax=255)
            axes.set_axis_off()

    for column, head in ((0, "query"), (1, "album"), (len(blocks[0].lines[0]), "joined")):
        if column < columns:
            words(head, column * step, TITLE / 2)
    for number, block in enumerate(blocks):
        top = TITLE + number * (TITLE + lines * step)
        right = block.expression == block.predicted
        answer = f"✓ {block.expression}" if right else f"✗ {block.expression}, predicted {block.predicted}"
        words(answer, 0, top + TITLE / 2, color=RIGHT if right else WRONG, weight="bold")
        for line, pictures in enumerate(block.lines):
            for column, picture in enumerate(pictures):
                show(picture, column * step, top + TITLE + line * step)
        show(block.joined, (columns - 1) * step, top + TITLE + (lines - 1) / 2 * step)
    return figure
