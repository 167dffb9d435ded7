"""The page of a run: one HTML file that needs nothing else."""

from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.files import write_text
from gcnet_core.report import text
from gcnet_core.report.contents import RunContents, align, read_run
from gcnet_core.report.pictures import (
    confusion_picture,
    embedding_pictures,
    face_pictures,
    recall_picture,
    training_pictures,
)
from gcnet_core.report.templates import render

PAGE = "report.html"
FIGURES = "figures"


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
    contents = read_run(run)
    compared = align(read_run(baseline), contents) if baseline else None
    html = render("run.html", page_values(contents, compared))
    write_text(run / PAGE, html)
    return run / PAGE


def page_values(run: RunContents, baseline: RunContents | None) -> dict[str, Any]:
    """All that the template shows."""
    summary, figures = run.summary, run.folder / FIGURES
    generator = summary["generator"]
    return {
        "summary": summary,
        "versions": summary["versions"],
        "test": summary["test"],
        "about": run.recipe.get("summary") or "",
        "rows": recognition_rows(run, baseline),
        "expressions": expression_rows(summary["test"]),
        "folds": fold_rows(run, baseline),
        "baseline": baseline.summary["recipe"] if baseline else None,
        "generator": generator,
        "errors": telling_errors(generator),
        "verdict": verdict(generator) if generator else "",
        "confusion": confusion_picture(summary["test"], figures),
        "recall": recall_picture(summary["test"], figures),
        "face_pictures": face_pictures(run, figures),
        "embedding_pictures": embedding_pictures(run, baseline, figures),
        "training_pictures": training_pictures(run.epochs, figures),
        "recipe_text": run.recipe_text,
        "command": f"gcnet run {_shown(run.folder)}/recipe.yaml",
    }


def recognition_rows(run: RunContents, baseline: RunContents | None) -> list[tuple[str, dict[str, Any]]]:
    """Label and metrics of each measurement that can be compared."""
    summary = run.summary
    measurements = [
        ("test subjects", summary["test"]),
        ("test subjects, reference given instead of generated", summary["true_reference"]),
        ("validation subjects", summary["validation"]),
    ]
    if baseline:
        measurements.append((f"test subjects, baseline: {baseline.summary['recipe']}", baseline.summary["test"]))
    return [(label, metrics) for label, metrics in measurements if metrics]


def expression_rows(test: dict[str, Any]) -> list[dict[str, Any]]:
    """For each expression its number of images, its recall, and what it is most often taken for."""
    rows = []
    for position, name in enumerate(test["classes"]):
        counts = np.array(test["confusion"][position])
        wrong = np.where(np.arange(len(counts)) == position, 0, counts)
        taken_for = f"{test['classes'][wrong.argmax()]} ({wrong.max()})" if wrong.any() else text.ABSENT
        rows.append({"name": name, "images": int(counts.sum()), "recall": test["recall"][name], "taken_for": taken_for})
    return rows


def fold_rows(run: RunContents, baseline: RunContents | None) -> list[dict[str, Any]]:
    """The figures of each fold; the baseline's are over the images of the same fold."""
    folds = run.predictions.folds

    def of_baseline(fold: int) -> float | None:
        return float(baseline.predictions.correct[folds == fold].mean()) if baseline and folds is not None else None

    return [
        {
            "fold": part.summary["fold"],
            "test": part.summary["test"],
            "true_reference": part.summary["true_reference"],
            "generator": telling_errors(part.summary["generator"]),
            "baseline": of_baseline(part.summary["fold"]),
        }
        for part in run.folds
    ]


def telling_errors(generator: dict[str, Any] | None) -> dict[str, Any] | None:
    """Reference errors over expressive queries where there are any, because a neutral query is its own reference."""
    return (generator["expressive"] or generator["all"]) if generator else None


def verdict(generator: dict[str, Any]) -> str:
    """One sentence that judges the generated reference against the trivial ones."""
    queries = "expressive" if generator["expressive"] else "all"
    errors = generator[queries]
    generated = errors["generated"]["mse"]

    def against(name: str, what: str) -> str:
        other = errors[name]["mse"]
        if not other:
            return f"not better than {what}, which is perfect here"
        change = 1 - generated / other
        return f"{text.percent(abs(change))} {'smaller' if change > 0 else 'larger'} than that of {what}"

    return (
        f"Over {queries} queries, the squared error of the generated reference is "
        f"{against('copy', 'a copy of the query')} and {against('mean_face', 'the mean face')}."
    )


def _shown(folder: Path) -> str:
    """The folder as seen from here; only its name if it is elsewhere, so that no private path is published."""
    absolute = folder.resolve()
    return absolute.relative_to(Path.cwd()).as_posix() if absolute.is_relative_to(Path.cwd()) else absolute.name
