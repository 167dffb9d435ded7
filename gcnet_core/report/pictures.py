"""Draw the figures of a run and save them beside the page."""

from pathlib import Path

import numpy as np

from gcnet_core.report.albums import album_figures
from gcnet_core.report.baseline import Baseline
from gcnet_core.report.confusion import confusion_figure, recall_figure
from gcnet_core.report.curves import accuracy_figure, loss_figure, rate_figure
from gcnet_core.report.embedding import can_map, chosen_rows, mapped_figure
from gcnet_core.report.grid import grid_figures
from gcnet_core.report.style import Picture, save
from gcnet_core.report.text import percent
from gcnet_core.runs import EpochMetrics, Metrics, Run


def confusion_picture(test: Metrics, figures: Path) -> Picture:
    """What each expression was taken for.

    Args:
        test: of `classification_metrics`.
        figures: folder for the file.
    """
    return save(
        confusion_figure(test),
        figures / "confusion.png",
        f"Confusion matrix of {len(test.classes)} expressions; the table of expressions gives its main figures.",
        "Confusion matrix: number of images and share of the true expression.",
        names=test.classes,
    )


def recall_picture(test: Metrics, figures: Path) -> Picture:
    """How much of each expression was recognised."""
    recalls = ", ".join(f"{name} {percent(value)}" for name, value in test.recall.items())
    return save(
        recall_figure(test),
        figures / "recall.png",
        f"Bars of the recall of each expression: {recalls}.",
        "Recall of each expression, with its number of test images; dashed: mean over expressions.",
        names=test.classes,
    )


def training_pictures(epochs: list[EpochMetrics], figures: Path) -> list[Picture]:
    """Curves of training; none without epochs."""
    if not epochs:
        return []
    last = ", ".join(f"{term} {value:.3g}" for term, value in epochs[-1].losses.get("main", {}).items())
    pictures = [
        save(
            loss_figure(epochs),
            figures / "losses.png",
            f"Curves of the loss terms over {len(epochs)} epochs; at the end {last}.",
            "Weighted loss terms, means of each epoch, and their totals; the name of each stage stands above it.",
        )
    ]
    accuracy = accuracy_figure(epochs)
    if accuracy:
        final = percent(epochs[-1].train_accuracy)
        pictures.append(
            save(
                accuracy,
                figures / "accuracy.png",
                f"Curves of the accuracy over {len(epochs)} epochs; training accuracy {final} at the end.",
                "Accuracy on augmented training images, and on validation subjects where there are any.",
            )
        )
    pictures.append(
        save(
            rate_figure(epochs),
            figures / "learning_rate.png",
            f"Curves of the learning rate over {len(epochs)} epochs.",
            "Learning rate of each phase at the end of each epoch.",
        )
    )
    return pictures


def face_pictures(run: Run, figures: Path) -> list[Picture]:
    """Queries beside their references; none for a model without a generator."""
    return [
        save(
            figure,
            figures / f"faces-{number}.png",
            "Rows of faces: query, generated reference, true reference, and a map of query minus generated reference; "
            "each row names the true expression and, where it differs, the predicted one.",
            "Test images. Red: the query is brighter than the generated reference; blue: darker.",
            names=run.predictions.classes,
        )
        for number, figure in enumerate(grid_figures(run.arrays, run.predictions), start=1)
    ]


def album_pictures(run: Run, figures: Path) -> list[Picture]:
    """Queries beside their albums and what these become; none for a run without albums."""
    arrays = run.arrays
    at_rest = " Below each picture the neutral face that is generated of it." if "album.query_at_rest" in arrays else ""
    return [
        save(
            figure,
            figures / f"albums-{number}.png",
            "Rows of faces: query, pictures of the album, and the mean of the pictures with which the query is compared"
            "; each row names the true expression and, where it differs, the predicted one.",
            f"Test images with their albums.{at_rest} Joined: the mean of the pictures with which the query is "
            "compared; a model may join their embeddings in its place, or weigh them.",
            names=run.predictions.classes,
        )
        for number, figure in enumerate(album_figures(arrays, run.predictions), start=1)
    ]


def embedding_pictures(run: Run, baseline: Baseline | None, figures: Path) -> list[Picture]:
    """Maps of what the classifier sees, beside the baseline's features or else the run's own query codes."""
    if not run.arrays or not run.recipe.get("report", {}).get("tsne", True):
        return []
    seed, pictures = run.summary.seed, []
    for name, title, arrays, of in _mapped_features(run, baseline):
        rows = chosen_rows(len(arrays[of]), seed)
        features, labels = arrays[of][rows], arrays["label"][rows]
        if not can_map(features):
            continue
        drawn = "all test images" if len(rows) == len(run.predictions) else f"{len(rows)} test images drawn at random"
        figure, silhouette = mapped_figure(features, labels, run.predictions.classes, title, seed)
        alt = f"Map of the test images by {title}, coloured by true expression; silhouette {silhouette}."
        caption = f"t-SNE of {drawn} by {title}; colours are true expressions."
        pictures.append(save(figure, figures / f"embedding-{name}.png", alt, caption, run.predictions.classes))
    return pictures


def _mapped_features(run: Run, baseline: Baseline | None) -> list[tuple[str, str, dict[str, np.ndarray], str]]:
    """Name and title of the features that are worth a map, and where they are: the arrays, and which of them."""
    maps = [("features", "features", run.arrays, "features")]
    if "difference" in run.arrays:
        maps = [("difference", "difference of query and reference", run.arrays, "difference")]
    if baseline and baseline.arrays:
        maps.append(("baseline", f"features of {baseline.recipe}", baseline.arrays, "features"))
    elif "query_code" in run.arrays:
        maps.append(("query_code", "code of the query, without reference", run.arrays, "query_code"))
    return maps
