"""Figures of faces: query, generated reference, true reference, and what makes the expression."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from gcnet_core.report.lettering import drawn
from gcnet_core.report.style import RIGHT, STYLE, WIDTH, WRONG
from gcnet_core.runs import Predictions

ROWS = 4
"""Faces in one figure; more figures follow for more faces."""

COLUMNS = ("query", "generated\nreference", "true\nreference", "query minus\ngenerated")


def grid_figures(arrays: Mapping[str, np.ndarray], predictions: Predictions) -> list[Figure]:
    """Test images with their references, a few in each figure, all on one scale of differences.

    Args:
        arrays: `grid.query`, `grid.generated`, `grid.true` [M, C, H, W] in [0, 1] and `grid.index` [M].
        predictions: in whose rows `grid.index` points.

    Returns:
        Figures; none if the arrays hold no grid.
    """
    if "grid.index" not in arrays:
        return []
    query, generated, true = arrays["grid.query"], arrays["grid.generated"], arrays["grid.true"]
    difference = (query.astype(np.float64) - generated).mean(axis=1)
    limit = max(0.05, float(np.quantile(np.abs(difference), 0.995)))
    names, classes = [], drawn(predictions.classes)
    for row in arrays["grid.index"]:
        label, predicted = predictions.labels[row], predictions.predicted[row]
        names.append((classes[label], classes[predicted]))
    figures = []
    for start in range(0, len(names), ROWS):
        shown = slice(start, start + ROWS)
        faces = [query[shown], generated[shown], true[shown]]
        figures.append(_figure(faces, difference[shown], names[shown], limit))
    return figures


@mpl.rc_context(STYLE)
def _figure(
    faces: Sequence[Float[np.ndarray, "row channel height width"]],
    difference: Float[np.ndarray, "row height width"],
    names: Sequence[tuple[str, str]],
    limit: float,
) -> Figure:
    figure = Figure(figsize=(WIDTH, 0.75 + 1.35 * len(names)))
    layout = figure.get_layout_engine()
    assert isinstance(layout, ConstrainedLayoutEngine)
    layout.set(hspace=0.2)  # room for the titles of the rows
    table = figure.subplots(len(names), len(COLUMNS), squeeze=False)
    for row, (true, predicted) in enumerate(names):
        for column, images in enumerate(faces):
            picture = images[row].transpose(1, 2, 0)
            table[row, column].imshow(np.clip(picture.squeeze(), 0, 1), cmap="gray", vmin=0, vmax=1)
        signed = table[row, -1].imshow(difference[row], cmap="RdBu_r", vmin=-limit, vmax=limit)
        right = true == predicted
        # not in the layout, because it may be wider than the first column
        table[row, 0].annotate(
            f"✓ {true}" if right else f"✗ {true}, predicted {predicted}", (0, 1), (0, 4), xycoords="axes fraction",
            textcoords="offset points", color=RIGHT if right else WRONG, weight="bold", in_layout=False,
        )  # fmt: skip
    for axes, text in zip(table[0], COLUMNS, strict=True):
        axes.annotate(
            text, (0.5, 1), (0, 20), xycoords="axes fraction", textcoords="offset points", ha="center", fontsize=10
        )
    for axes in table.flat:
        axes.set_axis_off()
    bar = figure.colorbar(signed, ax=table[:, -1], location="right", shrink=0.5, aspect=25, ticks=[-limit, 0, limit])
    bar.ax.set_yticklabels([f"−{limit:.2f}", "0", f"+{limit:.2f}"], fontsize=8.5)
    bar.outline.set_visible(False)
    return figure
