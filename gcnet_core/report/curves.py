"""Figures of training: losses, accuracy and learning rate over the epochs of all stages."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

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


class StageSpan(NamedTuple):
    """A stage, its first row and the row after its last."""

    name: str
    start: int
    end: int


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
    losses: dict[str, float] = {}
    for phase, terms in line.losses.items():
        prefix = "" if phase == MAIN else f"{phase}: "
        losses |= {f"{prefix}{term}": value for term, value in terms.items()}
    return losses


def _curves(epochs: Epochs, values: Callable[[EpochMetrics], Mapping[str, float]]) -> Curves:
    """One value for each epoch and curve, not-a-number where an epoch has none."""
    by_epoch = [values(line) for line in epochs]
    names = dict.fromkeys(chain.from_iterable(by_epoch))
    return {name: [found.get(name, np.nan) for found in by_epoch] for name in names}


@mpl.rc_context(STYLE)
def _figure(epochs: Epochs, curves: Curves, label: str, height: float = 3.2, logarithmic: bool = True) -> Figure:
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.add_subplot()
    stages = _stage_spans([line.stage for line in epochs])
    _draw(axes, curves, stages)
    if logarithmic and _spans_decades(curves):
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


def _draw(axes: Axes, curves: Curves, stages: Sequence[StageSpan]) -> None:
    """Each curve with a gap between stages."""
    for position, (name, values) in enumerate(curves.items()):
        dot = 3 if len(values) <= 40 else 1
        for stage in stages:
            numbers = range(stage.start + 1, stage.end + 1)
            axes.plot(
                numbers, values[stage.start : stage.end], label="" if stage.start else name, color=colour(position),
                linestyle=LINES[position % len(LINES)], marker="o", markersize=dot,
            )  # fmt: skip


def _spans_decades(curves: Curves) -> bool:
    """Whether all values are positive and differ so much that only a logarithmic axis shows the small ones."""
    values = np.array(list(chain.from_iterable(curves.values())))
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() > LOG_RANGE * known.min())


def _stage_spans(stages: Sequence[str]) -> list[StageSpan]:
    starts = [row for row, stage in enumerate(stages) if row == 0 or stage != stages[row - 1]]
    ends = [*starts[1:], len(stages)]
    return [StageSpan(stages[start], start, end) for start, end in zip(starts, ends, strict=True)]


def _mark_stages(axes: Axes, stages: Sequence[StageSpan]) -> None:
    """Name each stage above its epochs and shade every other one."""
    for position, stage in enumerate(stages):
        left, right = stage.start + 0.5, stage.end + 0.5
        if position % 2:
            axes.axvspan(left, right, color="#f3f3f3", zorder=0)
        axes.annotate(
            stage.name, ((left + right) / 2, 1), (0, 4), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", color="#444444", size=9.5,
        )  # fmt: skip
