"""Figures of training: losses, accuracy and learning rate over the epochs of all stages."""

from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from gcnet_core.report.style import LINES, STYLE, WIDTH, colour
from gcnet_core.runs import EpochMetrics

Epochs = Sequence[EpochMetrics]
Curves = Mapping[str, Sequence[float]]

MAIN = "main"
LOG_RANGE = 20
"""Positive curves that span more than this factor are drawn on a logarithmic axis."""


def loss_figure(epochs: Epochs) -> Figure:
    """Each loss term over the epochs; terms of phases beside the main one carry the phase's name."""
    return _figure(epochs, _curves(epochs, _losses), "loss (mean of the epoch)", height=3.9)


def accuracy_figure(epochs: Epochs) -> Figure | None:
    """Accuracy on training images and on validation subjects; None if no stage classifies."""

    def accuracies(line: EpochMetrics) -> dict[str, float]:
        values = {"training": line.train_accuracy, "validation subjects": line.validation_accuracy}
        return {name: 100 * value for name, value in values.items() if value is not None}

    curves = _curves(epochs, accuracies)
    return _figure(epochs, curves, "accuracy, %", logarithmic=False) if curves else None


def rate_figure(epochs: Epochs) -> Figure:
    """Learning rate of each phase at the end of each epoch."""
    return _figure(epochs, _curves(epochs, lambda line: line.learning_rate), "learning rate")


def _losses(line: EpochMetrics) -> dict[str, float]:
    return {
        term if phase == MAIN else f"{phase}: {term}": value
        for phase, terms in line.losses.items()
        for term, value in terms.items()
    }


def _curves(epochs: Epochs, values: Callable[[EpochMetrics], Mapping[str, float]]) -> Curves:
    """One value for each epoch and curve, not-a-number where an epoch has none."""
    lines = [values(line) for line in epochs]
    names = list(dict.fromkeys(name for line in lines for name in line))
    return {name: [line.get(name, np.nan) for line in lines] for name in names}


@mpl.rc_context(STYLE)
def _figure(epochs: Epochs, curves: Curves, label: str, height: float = 3.2, logarithmic: bool = True) -> Figure:
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_subplot()
    numbers = np.arange(1, len(epochs) + 1)
    stages = _stage_spans([line.stage for line in epochs])
    dot = 3 if len(epochs) <= 40 else 1
    for position, (name, values) in enumerate(curves.items()):
        for stage, (_, start, end) in enumerate(stages):
            axes.plot(
                numbers[start:end], values[start:end], label="" if stage else name, color=colour(position),
                linestyle=LINES[position % len(LINES)], marker="o", markersize=dot,
            )  # fmt: skip
    known = np.array([value for values in curves.values() for value in values if np.isfinite(value)])
    if logarithmic and len(known) and known.min() > 0 and known.max() > LOG_RANGE * known.min():
        axes.set_yscale("log", subs=(2, 5))
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    _mark_stages(axes, stages)
    axes.set_xlim(0.5, len(epochs) + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="epoch", ylabel=label)
    axes.grid(axis="y")
    figure.legend(loc="outside lower center", ncols=3, fontsize=9.5, columnspacing=1.4, handlelength=2.4)
    return figure


def _stage_spans(stages: Sequence[str]) -> list[tuple[str, int, int]]:
    """Name, first row and row after the last of each stage."""
    starts = [row for row, stage in enumerate(stages) if row == 0 or stage != stages[row - 1]]
    return [(stages[start], start, end) for start, end in zip(starts, [*starts[1:], len(stages)], strict=True)]


def _mark_stages(axes: Axes, stages: Sequence[tuple[str, int, int]]) -> None:
    """Name each stage above its epochs and shade every other one."""
    for position, (name, start, end) in enumerate(stages):
        left, right = start + 0.5, end + 0.5
        if position % 2:
            axes.axvspan(left, right, color="#f3f3f3", zorder=0)
        axes.annotate(
            name, ((left + right) / 2, 1), (0, 4), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", color="#444444", size=9.5,
        )  # fmt: skip
