"""Figures of features: a t-SNE map, with the silhouette of the features themselves."""

import math
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from gcnet_core.output.visible import one_line
from gcnet_core.report.lettering import drawn
from gcnet_core.report.style import STYLE, WIDTH, colour, marker

MAX_IMAGES = 2000
"""Images in a map; of more, this many are drawn at random."""

MIN_IMAGES = 5
"""Fewer images make no map."""


def can_map(features: Float[np.ndarray, "sample feature"]) -> bool:
    """Whether there are enough images, and any difference between them."""
    return len(features) >= MIN_IMAGES and bool(np.ptp(features, axis=0).any())


def chosen_rows(count: int, seed: int) -> Int[np.ndarray, "chosen"]:
    """The rows that are mapped; the same ones for every map of one report."""
    if count <= MAX_IMAGES:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, MAX_IMAGES, replace=False))


def silhouette(features: Float[np.ndarray, "sample feature"], labels: Int[np.ndarray, "sample"]) -> float | None:
    """How well classes are apart in the standardised features, -1 to 1 (Rousseeuw, 1987), by Euclidean distance.

    Returns:
        The mean over images; None if all are of one class, or each of its own.
    """
    from sklearn.metrics import silhouette_score

    if not 1 < len(np.unique(labels)) < len(labels):
        return None
    return float(silhouette_score(standardized(features), labels))


def map_features(features: Float[np.ndarray, "sample feature"], seed: int) -> Float[np.ndarray, "sample 2"]:
    """t-SNE (van der Maaten and Hinton, 2008) of standardised features in two dimensions."""
    from sklearn.manifold import TSNE

    perplexity = min(30.0, (len(features) - 1) / 3)
    return np.asarray(TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(standardized(features)))


def standardized(features: Float[np.ndarray, "sample feature"]) -> Float[np.ndarray, "sample feature"]:
    """Each feature with mean 0 and standard deviation 1, as behind batch norm; constant ones stay 0."""
    std = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(std > 0, std, 1))


def silhouette_text(score: float | None) -> str:
    """A silhouette with two digits after the point."""
    return "not defined" if score is None else f"{score:.2f}"


def mapped_figure(
    features: Float[np.ndarray, "sample feature"],
    labels: Int[np.ndarray, "sample"],
    classes: Sequence[str],
    title: str,
    seed: int,
) -> tuple[Figure, str]:
    """Map features and draw them.

    Args:
        features: of the chosen rows.
        labels: true class of each.
        classes: their names.
        title: whose features these are.
        seed: of t-SNE.

    Returns:
        The figure, and the silhouette as text.
    """
    score = silhouette(features, labels)
    figure = embedding_figure(map_features(features, seed), labels, classes, title, score)
    return figure, silhouette_text(score)


@mpl.rc_context(STYLE)
def embedding_figure(
    points: Float[np.ndarray, "sample 2"],
    labels: Int[np.ndarray, "sample"],
    classes: Sequence[str],
    title: str,
    silhouette: float | None,
) -> Figure:
    """Draw a map, classes by colour and marker.

    Args:
        points: of `map_features`.
        labels: true class of each point.
        classes: their names.
        title: whose features these are.
        silhouette: of the features; None if it is not defined.
    """
    names = drawn(classes)
    columns = max(1, min(4, 60 // max(map(len, names))))
    lines = math.ceil(len(names) / columns)
    figure = Figure(figsize=(WIDTH, WIDTH + 0.2 * max(0, lines - 2)))
    axes = figure.add_subplot()
    for position, name in enumerate(names):
        chosen = points[labels == position]
        axes.scatter(
            chosen[:, 0], chosen[:, 1], s=22, color=colour(position), marker=marker(position), label=name,
            alpha=0.85, linewidths=0.3, edgecolors="white",
        )  # fmt: skip
    score = silhouette_text(silhouette).replace("-", "−")
    axes.set_title(f"{one_line(title)}\nsilhouette {score}")
    axes.set(xticks=[], yticks=[], aspect="equal")
    axes.set_adjustable("datalim")
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color("#cccccc")
    figure.legend(loc="outside lower center", ncols=columns, fontsize=9.5, columnspacing=1, handletextpad=0.3)
    return figure
