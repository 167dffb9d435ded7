"""Figures of a comparison: intervals of recipes, and of the differences between them."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from gcnet_core.report.lettering import drawn
from gcnet_core.report.style import RIGHT, STYLE, WIDTH, WRONG, colour
from gcnet_core.runs.comparison import PairFigures, RecipeFigures

ROW = 0.42
"""Height of a row, inches."""


@mpl.rc_context(STYLE)
def interval_figure(recipes: Sequence[RecipeFigures], chance: float) -> Figure:
    """Mean of folds of each recipe with its interval, and every trial as a dot.

    Args:
        recipes: entries of comparison.json.
        chance: share of the most frequent expression, drawn if it is near.
    """
    figure = Figure(figsize=(2 * WIDTH, 0.9 + ROW * len(recipes)))
    axes = figure.add_subplot()
    random = np.random.default_rng(0)
    for position, entry in enumerate(recipes):
        trials = np.array([100 * trial.accuracy for trial in entry.trials])
        heights = position + random.uniform(-0.22, 0.22, len(trials))
        axes.scatter(trials, heights, s=14, color=colour(position), alpha=0.35, linewidths=0)
        low, high = (100 * bound for bound in entry.mean_of_folds_interval)
        axes.plot([low, high], [position, position], color=colour(position), linewidth=2.6, solid_capstyle="butt")
        mean = 100 * entry.mean_of_folds
        axes.plot(mean, position, "D", color=colour(position), markersize=7, markeredgecolor="white")
        axes.annotate(f"{mean:.1f}", (mean, position), (0, 8), textcoords="offset points", ha="center", fontsize=9.5)
    left = axes.get_xlim()[0]
    if 100 * chance > left:
        axes.axvline(100 * chance, color="#888888", linestyle="--", linewidth=1)
    axes.set_yticks(range(len(recipes)), drawn([entry.name for entry in recipes]))
    axes.set(xlabel="accuracy, %", ylim=(len(recipes) - 0.4, -0.7))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    return figure


@mpl.rc_context(STYLE)
def difference_figure(pairs: Sequence[PairFigures]) -> Figure:
    """Difference of each pair with its interval; coloured where the corrected test tells the two apart.

    Args:
        pairs: entries of comparison.json that have images in common.
    """
    figure = Figure(figsize=(2 * WIDTH, 0.9 + ROW * len(pairs)))
    axes = figure.add_subplot()
    for position, pair in enumerate(pairs):
        assert pair.difference is not None
        assert pair.interval is not None
        shade = {pair.first: RIGHT, pair.second: WRONG, None: "#777777"}[pair.better]
        low, high = (100 * bound for bound in pair.interval)
        axes.plot([low, high], [position, position], color=shade, linewidth=2.6, solid_capstyle="butt")
        axes.plot(100 * pair.difference, position, "D", color=shade, markersize=7, markeredgecolor="white")
    axes.axvline(0, color="#444444", linewidth=1)
    names = paired_names(pairs)
    shown = dict(zip(names, drawn(names), strict=True))
    axes.set_yticks(range(len(pairs)), [f"{shown[pair.first]} − {shown[pair.second]}" for pair in pairs])
    axes.set(xlabel="difference of accuracy, points", ylim=(len(pairs) - 0.4, -0.6))
    axes.grid(axis="x")
    axes.set_axisbelow(True)
    return figure


def paired_names(pairs: Sequence[PairFigures]) -> list[str]:
    """The recipes of pairs, each once."""
    return list(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))
