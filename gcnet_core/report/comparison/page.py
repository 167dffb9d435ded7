"""The page of a comparison: one HTML file that needs nothing else, and the tables as files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import UInt8

from gcnet_core.files import write_text
from gcnet_core.report.comparison import sheets, tables
from gcnet_core.report.comparison.by_reference import by_reference_table
from gcnet_core.report.comparison.cross_dataset import cross_dataset_matrix, cross_dataset_table
from gcnet_core.report.comparison.figures import difference_figure, interval_figure, paired_names
from gcnet_core.report.confusion import confusion_figure
from gcnet_core.report.data_uri import png_uri
from gcnet_core.report.embedding import can_map, chosen_rows, mapped_figure
from gcnet_core.report.style import Picture, save
from gcnet_core.report.templates import render
from gcnet_core.report.text import percent, points
from gcnet_core.runs import ComparisonFolder, Run
from gcnet_core.runs.comparison import PairFigures, RecipeFigures
from gcnet_core.runs.files import ANALYSIS, CROSS_DATASET_CSV, FIGURES, PAIRS_CSV, RECIPES_CSV, REPORT, TABLES
from gcnet_core.runs.intact import is_there


def write_comparison_report(folder: Path) -> Path:
    """Write report.html, figures/ and the tables as files into the folder of a comparison.

    Returns:
        The path of the page.

    Raises:
        UserError: if the folder holds no finished comparison.
    """
    comparison = ComparisonFolder(folder)
    measured = comparison.figures
    write_text(folder / RECIPES_CSV, sheets.recipes_csv(measured))
    write_text(folder / PAIRS_CSV, sheets.pairs_csv(measured))
    if measured.cross_dataset:
        write_text(folder / CROSS_DATASET_CSV, sheets.cross_dataset_csv(measured))
    write_text(folder / TABLES, tables.markdown(measured))
    write_text(folder / REPORT, render("comparison/comparison.html", page_values(comparison)))
    return folder / REPORT


def page_values(comparison: ComparisonFolder) -> dict[str, Any]:
    """All that the template shows."""
    measured, figures = comparison.figures, comparison.folder / FIGURES
    return {
        "recipes": measured.recipes,
        "missing": missing_notes(comparison),
        "tables": {
            "recognition": tables.recipe_table(measured),
            "by_reference": by_reference_table(measured),
            "references": tables.effort_table(measured),
            "recall": tables.recall_table(measured),
            "pairs": tables.pair_table(measured),
            "balanced": tables.balanced_table(measured),
            "cross_dataset": cross_dataset_matrix(measured),
            "cross_dataset_details": cross_dataset_table(measured),
            "failures": tables.failure_table(measured),
        },
        "findings": findings(measured.pairs),
        "intervals": interval_picture(measured.recipes, figures),
        "differences": difference_picture(measured.pairs, figures),
        "confusions": confusion_pictures(measured.recipes, figures),
        "embeddings": embedding_pictures(comparison, figures),
        "disagreements": disagreement_rows(comparison),
        "versions": measured.versions,
    }


def missing_notes(comparison: ComparisonFolder) -> list[str]:
    """What the page lacks, a sentence for each file that is gone."""
    notes = [f"{name} is missing, so the images on which recipes disagree are not shown" for name in comparison.missing]
    for name, job in comparison.figures.features.items():
        if not is_there(comparison.folder / job / ANALYSIS):
            notes.append(f"{job}/{ANALYSIS} is missing, so the features of {name} are not shown")
    return notes


def findings(pairs: Sequence[PairFigures]) -> list[str]:
    """A sentence for each pair that the corrected test tells apart."""
    sentences = []
    for pair in pairs:
        if pair.better and pair.difference is not None:
            worse = pair.second if pair.better == pair.first else pair.first
            sentences.append(f"{pair.better} is {points(abs(pair.difference))[1:]} points better than {worse}.")
    return sentences


def interval_picture(recipes: Sequence[RecipeFigures], figures: Path) -> Picture:
    """Means of folds with their intervals."""
    told = ", ".join(f"{entry.name} {percent(entry.mean_of_folds)}" for entry in recipes)
    return save(
        interval_figure(recipes, recipes[0].chance),
        figures / "intervals.png",
        f"Mean of folds with 95% intervals: {told}.",
        "Diamonds: mean of folds with its 95% interval over subjects; dots: single trials (a seed and a fold).",
        names=[entry.name for entry in recipes],
    )


def difference_picture(pairs: Sequence[PairFigures], figures: Path) -> Picture | None:
    """Differences with their intervals; None without pairs."""
    known = [pair for pair in pairs if pair.difference is not None]
    if not known:
        return None
    told = ", ".join(f"{pair.first} minus {pair.second} {points(pair.difference)}" for pair in known)
    return save(
        difference_figure(known),
        figures / "differences.png",
        f"Differences of accuracy with 95% intervals: {told}.",
        "Differences with their 95% intervals over subjects; coloured where the corrected p is below 0.05.",
        names=paired_names(known),
    )


def confusion_pictures(recipes: Sequence[RecipeFigures], figures: Path) -> list[Picture]:
    """What each expression was taken for, by each recipe."""
    return [
        save(
            confusion_figure(entry),
            figures / f"confusion-{number}.png",
            f"Confusion matrix of {entry.name}; the table of recalls gives its diagonal.",
            f"{entry.name}: answers of all trials, and their share of the true expression.",
            names=entry.classes,
        )
        for number, entry in enumerate(recipes, start=1)
    ]


def embedding_pictures(comparison: ComparisonFolder, figures: Path) -> list[Picture]:
    """A map of what each classifier sees in its first trial."""
    pictures = []
    classes_of = {entry.name: entry.classes for entry in comparison.figures.recipes}
    for number, (name, job) in enumerate(comparison.figures.features.items(), start=1):
        arrays = _arrays(comparison.folder / job)
        features = arrays.get("difference", arrays.get("features"))
        if features is None or not can_map(features):
            continue
        rows = chosen_rows(len(features), 0)
        figure, silhouette = mapped_figure(features[rows], arrays["label"][rows], classes_of[name], name, 0)
        what = "the difference of query and reference" if "difference" in arrays else "the features"
        alt = f"Map of test images by {what} of {name}; silhouette {silhouette}."
        caption = f"{name}: t-SNE of {what}, first trial."
        pictures.append(save(figure, figures / f"embedding-{number}.png", alt, caption, classes_of[name]))
    return pictures


def _arrays(job: Path) -> dict[str, np.ndarray]:
    """Features of the test images of a job; none if they are gone."""
    return Run(job).arrays if is_there(job / ANALYSIS) else {}


def disagreement_rows(comparison: ComparisonFolder) -> list[dict[str, Any]]:
    """Images on which recipes disagree, with their pictures as data for the page."""
    pictures = comparison.pictures
    rows = []
    for number, shown in enumerate(comparison.figures.disagreements):
        verdicts = []
        for name, verdict in shown.verdicts.items():
            generated = _uri(pictures.get(f"generated/{name}/{number}"))
            verdicts.append({"name": name, "right": verdict.right, "said": verdict.said, "generated": generated})
        row = {
            "subject": shown.subject,
            "expression": shown.expression,
            "verdicts": verdicts,
            "query": _uri(pictures.get(f"query/{number}")),
            "reference": _uri(pictures.get(f"reference/{number}")),
        }
        rows.append(row)
    return rows


def _uri(pixels: UInt8[np.ndarray, "channel height width"] | None) -> str | None:
    """A picture as a PNG file in a URI."""
    if pixels is None:
        return None
    return png_uri(pixels.transpose(1, 2, 0)[..., ::-1])  # OpenCV has blue first
