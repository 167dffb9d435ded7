"""Read a run folder, and bring the rows of a baseline into the order of the run."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.evaluation.predictions import Predictions
from gcnet_core.plugin_api import UserError

OPTIONAL = ("true_reference", "generator", "validation", "split", "images_per_second")
"""Entries of summary.json that some runs do not have; they read as None."""


@dataclass(frozen=True)
class RunContents:
    """What a run folder holds.

    Args:
        folder: where it is.
        summary: summary.json, complete.
        recipe_text: recipe.yaml as it is written.
        recipe: recipe.yaml as values.
        epochs: the lines of metrics.jsonl; none for a run over all folds.
        predictions: for the test images.
        arrays: of analysis.safetensors by name; none for a run over all folds.
        folds: the runs of the single folds, in order; none for a run of one fold.
    """

    folder: Path
    summary: dict[str, Any]
    recipe_text: str
    recipe: dict[str, Any]
    epochs: list[dict[str, Any]]
    predictions: Predictions
    arrays: dict[str, np.ndarray]
    folds: "tuple[RunContents, ...]" = ()


def read_run(folder: Path) -> RunContents:
    """Read all that a report shows.

    Raises:
        UserError: if the folder holds no finished run.
    """
    from ruamel.yaml import YAML

    text = {}
    for name in ("summary.json", "recipe.yaml"):
        if not (folder / name).is_file():
            raise UserError(f"{folder}: no finished run here; {name} is missing, which `gcnet run` writes")
        text[name] = (folder / name).read_text(encoding="utf-8")
    return RunContents(
        folder=folder,
        summary={**dict.fromkeys(OPTIONAL), **json.loads(text["summary.json"])},
        recipe_text=text["recipe.yaml"],
        recipe=YAML(typ="safe", pure=True).load(text["recipe.yaml"]) or {},
        epochs=_read_epochs(folder / "metrics.jsonl"),
        predictions=Predictions.read_csv(folder / "predictions.csv"),
        arrays=_read_arrays(folder / "analysis.safetensors"),
        folds=tuple(read_run(part) for part in _fold_folders(folder)),
    )


def align(baseline: RunContents, run: RunContents) -> RunContents:
    """Bring the predictions and features of a baseline into the order of the run's test images.

    Raises:
        UserError: if the two were not tested on the same images.
    """
    ours, theirs = run.predictions.images, baseline.predictions.images
    row_of = {image: row for row, image in enumerate(theirs)}
    only_ours, only_theirs = set(ours) - set(theirs), set(theirs) - set(ours)
    if only_ours or only_theirs:
        example = min(only_ours or only_theirs)
        raise UserError(
            f"--baseline {baseline.folder}: tested on other images than {run.folder} ({len(only_ours)} of its "
            f"{len(ours)} are missing, {len(only_theirs)} are not in it, e.g. {example}); train the baseline with "
            "the same `data`, `split` and `seed`"
        )
    rows = np.array([row_of[image] for image in ours], dtype=np.int64)
    old = baseline.predictions
    predictions = replace(
        old,
        images=ours,
        subjects=tuple(old.subjects[row] for row in rows),
        labels=old.labels[rows],
        probabilities=old.probabilities[rows],
        folds=None if old.folds is None else old.folds[rows],
    )
    arrays = {name: array[rows] for name, array in baseline.arrays.items() if not name.startswith("grid.")}
    return replace(baseline, predictions=predictions, arrays=arrays)


def _fold_folders(folder: Path) -> list[Path]:
    parts = [path.parent for path in folder.glob("fold-*/summary.json")]
    return sorted(parts, key=lambda part: (len(part.name), part.name))  # fold-10 after fold-9


def _read_epochs(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(path) if path.is_file() else {}
