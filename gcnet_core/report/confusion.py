"""Figures of the answers by class: confusion matrix and recall."""

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from gcnet_core.report.lettering import drawn
from gcnet_core.report.style import COLOURS, STYLE, WIDTH
from gcnet_core.report.text import percent
from gcnet_core.runs import Metrics


@mpl.rc_context(STYLE)
def confusion_figure(metrics: Metrics) -> Figure:
    """Counts of each true and predicted class, shaded by the share of the row.

    Args:
        metrics: of `classification_metrics`.
    """
    classes, counts = drawn(metrics.classes), np.array(metrics.confusion)
    support = counts.sum(axis=1, keepdims=True)
    shares = counts / np.maximum(support, 1)
    side = max(WIDTH, 0.3 * len(classes) + 1.4)  # inches; many classes need room
    figure = Figure(figsize=(side, side))
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    size = min(10.5, 66 / len(classes) * side / WIDTH)
    for true, predicted in np.ndindex(*counts.shape):
        if counts[true, predicted]:
            text = f"{counts[true, predicted]}\n{100 * shares[true, predicted]:.0f}%"
            shade = "white" if shares[true, predicted] > 0.5 else "#222222"
            axes.text(predicted, true, text, ha="center", va="center", color=shade, size=size, linespacing=1.15)
    axes.set_xticks(range(len(classes)), classes, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(classes)), classes)
    axes.set_xticks(np.arange(1, len(classes)) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, len(classes)) - 0.5, minor=True)
    axes.grid(which="minor", color="#e3e3e3", linewidth=0.8)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


@mpl.rc_context(STYLE)
def recall_figure(metrics: Metrics) -> Figure:
    """The share of each class that was recognised, with its number of images.

    Args:
        metrics: of `classification_metrics`.
    """
    classes = drawn(metrics.classes)
    support = np.array(metrics.confusion).sum(axis=1)
    recall = [metrics.recall[name] for name in metrics.classes]
    figure = Figure(figsize=(WIDTH, 1.2 + 0.42 * len(classes)))
    axes = figure.add_subplot()
    positions = range(len(classes))
    axes.barh(positions, [100 * (value or 0) for value in recall], color=COLOURS[0], height=0.66)
    for position, value in zip(positions, recall, strict=True):
        text = "no images" if value is None else percent(value)
        axes.text(103, position, text, va="center", color="#222222")
    mean = 100 * metrics.balanced_accuracy
    axes.axvline(mean, color=COLOURS[1], linestyle="--", linewidth=1.4)
    axes.annotate(
        "mean", (mean, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="center", color=COLOURS[1],
    )  # fmt: skip
    axes.set_yticks(positions, [f"{name}  (n = {count})" for name, count in zip(classes, support, strict=True)])
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(0, 122), xticks=range(0, 101, 20), xlabel="recall, %")
    axes.spines.left.set_visible(False)
    axes.invert_yaxis()
    return figure
