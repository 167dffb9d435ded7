"""The page of a run: one HTML file that needs nothing else."""

import shlex
from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.files import write_text
from gcnet_core.report import text
from gcnet_core.report.baseline import Baseline, align
from gcnet_core.report.by_reference import album_caption, compared_rows
from gcnet_core.report.pictures import (
    album_pictures,
    confusion_picture,
    embedding_pictures,
    face_pictures,
    recall_picture,
    training_pictures,
)
from gcnet_core.report.templates import render
from gcnet_core.report.trained_on import fingerprints, overlap_warnings
from gcnet_core.runs import GeneratorErrors, Metrics, Run
from gcnet_core.runs.files import ANALYSIS, DATA, DATA_ARRAYS, FIGURES, METRICS, PREDICTIONS, RECIPE, REPORT, SUMMARY

DRAWN_FROM = {
    METRICS: "the curves of training",
    PREDICTIONS: "pictures of faces and maps of features, beside which answers stand,",
    ANALYSIS: "pictures of faces and maps of features",
    DATA: "who was trained on, and whether they were tested too,",
    DATA_ARRAYS: "who was trained on, and whether they were tested too,",
}
"""What the page shows of a file that it can be without."""


def write_report(run: Path, baseline: Path | None = None) -> Path:
    """Write `report.html` into a run folder, and its figures into `figures/`.

    Args:
        run: folder of a finished run, of one fold or of all.
        baseline: a run of a baseline on the same test images, to be shown beside it.

    Returns:
        The path of the page.

    Raises:
        UserError: if a folder holds no finished run, or the baseline was tested on other images.
    """
    shown = Run(run)
    compared = align(Run(baseline), shown) if baseline else None
    write_text(run / REPORT, render("run.html", page_values(shown, compared)))
    return run / REPORT


def page_values(run: Run, baseline: Baseline | None) -> dict[str, Any]:
    """All that the template shows."""
    summary, figures = run.summary, run.folder / FIGURES
    test, generator = summary.test, summary.generator
    answers = PREDICTIONS not in run.missing  # names stand beside pictures
    return {
        "summary": summary,
        "missing": missing_notes(run),
        "versions": summary.versions,
        "test": test,
        "about": run.recipe.get("summary") or "",
        "rows": recognition_rows(run, baseline),
        "by_reference": compared_rows(summary.by_reference),
        "album_caption": album_caption(summary.album),
        "expressions": expression_rows(test),
        "folds": fold_rows(run, baseline),
        "baseline": baseline.recipe if baseline else None,
        "generator": generator,
        "errors": generator.telling if generator else None,
        "verdict": verdict(generator) if generator else "",
        "confusion": confusion_picture(test, figures),
        "recall": recall_picture(test, figures),
        "face_pictures": face_pictures(run, figures) if answers else [],
        "album_pictures": album_pictures(run, figures) if answers else [],
        "embedding_pictures": embedding_pictures(run, baseline, figures) if answers else [],
        "training_pictures": training_pictures(run.epochs, figures),
        "fingerprints": fingerprints(run.folder),
        "overlaps": overlap_warnings(run.folder),
        "recipe_text": run.recipe_text,
        "command": f"gcnet run {shlex.quote(f'{_shown(run.folder)}/{RECIPE}')}",
    }


def missing_notes(run: Run) -> list[str]:
    """What the page lacks, a sentence for each file that is gone, and that its recipe is another one than it shows."""
    notes = [f"{name} is missing or empty, so {_lacking(name)}" for name in run.missing]
    return [*notes, run.edited] if run.edited else notes


def _lacking(name: str) -> str:
    """What is drawn from a file."""
    if name in DRAWN_FROM:
        return f"{DRAWN_FROM[name]} cannot be shown"
    return "the figures of this fold cannot be shown" if name.endswith(SUMMARY) else "it cannot be looked up"


def recognition_rows(run: Run, baseline: Baseline | None) -> list[tuple[str, Metrics]]:
    """Label and metrics of each measurement that can be compared."""
    summary = run.summary
    given, with_album = summary.true_reference, "album" in summary.by_reference
    measurements = [
        ("test subjects", summary.test),
        (f"test subjects, reference given {'beside the album' if with_album else 'instead of generated'}", given),
        ("validation subjects", summary.validation),
    ]
    if baseline:
        measurements.append((f"test subjects, baseline: {baseline.recipe}", baseline.test))
    return [(label, metrics) for label, metrics in measurements if metrics]


def expression_rows(test: Metrics) -> list[dict[str, Any]]:
    """For each expression its number of images, its recall, and what it is most often taken for."""
    rows = []
    for position, name in enumerate(test.classes):
        counts = np.array(test.confusion[position])
        wrong = np.where(np.arange(len(counts)) == position, 0, counts)
        taken_for = f"{test.classes[wrong.argmax()]} ({wrong.max()})" if wrong.any() else text.ABSENT
        rows.append({"name": name, "images": int(counts.sum()), "recall": test.recall[name], "taken_for": taken_for})
    return rows


def fold_rows(run: Run, baseline: Baseline | None) -> list[dict[str, Any]]:
    """The figures of each fold; the baseline's are over the images of the same fold."""
    rows = []
    for summary in (part.summary for part in run.folds):
        given, generator = summary.true_reference, summary.generator
        row = {
            "fold": summary.fold,
            "test": summary.test,
            "true_reference": given.accuracy if given else None,
            "generator": generator.telling if generator else None,
            "baseline": None,
        }
        if baseline and run.predictions.folds is not None:
            row["baseline"] = float(baseline.predictions.correct[run.predictions.folds == summary.fold].mean())
        rows.append(row)
    return rows


def verdict(generator: GeneratorErrors) -> str:
    """One sentence that judges the generated reference against the trivial ones."""
    errors = generator.telling
    assert errors is not None
    generated = errors.generated.mse

    def against(other: float, what: str) -> str:
        if not other:
            return f"not better than {what}, which is perfect here"
        change = 1 - generated / other
        return f"{text.percent(abs(change))} {'smaller' if change > 0 else 'larger'} than that of {what}"

    queries = "expressive" if generator.expressive else "all"
    return (
        f"Over {queries} queries, the squared error of the generated reference is "
        f"{against(errors.query_copy.mse, 'a copy of the query')} and {against(errors.mean_face.mse, 'the mean face')}."
    )


def _shown(folder: Path) -> str:
    """The folder as seen from here; only its name if it is elsewhere, so that no private path is published."""
    absolute = folder.resolve()
    return absolute.relative_to(Path.cwd()).as_posix() if absolute.is_relative_to(Path.cwd()) else absolute.name
