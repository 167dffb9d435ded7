"""Measure a trained model on the test subjects and write what the report needs."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.splits import Split
from gcnet_core.evaluation.evaluate import InferenceResult, generator_errors, predict, with_true_reference
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.files import write_bytes
from gcnet_core.interfaces import Model
from gcnet_core.recipe import Recipe

PREDICTIONS = "predictions.csv"
TRUE_REFERENCE_PREDICTIONS = "predictions_true_reference.csv"
ANALYSIS = "analysis.safetensors"


def measure(
    folder: Path, model: Model, table: FaceTable, split: Split, recipe: Recipe, fold: int | None
) -> dict[str, Any]:
    """Answer for the test subjects, and for validation subjects if there are any.

    Writes into the folder: predictions.csv, predictions_true_reference.csv where the model takes a reference and there
    are some, and analysis.safetensors (features, codes, a grid of references).

    Returns:
        Entries of summary.json: `test`, `true_reference`, `generator`, `validation`.
    """
    config, seed = recipe.evaluation, recipe.seed

    def metrics(answers: InferenceResult) -> dict[str, Any]:
        return classification_metrics(answers.predictions, config.bootstrap, seed)

    def ask(indices: np.ndarray, *, given: bool = False) -> InferenceResult:
        return predict(
            model, table, indices, batch_size=config.batch_size, flip=config.flip, true_reference=given, fold=fold
        )

    test = ask(split.test)
    test.predictions.write_csv(folder / PREDICTIONS)
    write_bytes(folder / ANALYSIS, save(analysis(test, table, recipe.report.grid)))
    given = with_true_reference(table, split.test) if test.query_code is not None else split.test[:0]
    with_given = ask(given, given=True) if len(given) else None
    if with_given:
        with_given.predictions.write_csv(folder / TRUE_REFERENCE_PREDICTIONS)
    return {
        "test": metrics(test),
        "true_reference": metrics(with_given) if with_given else None,
        "generator": generator_errors(test, table, split.train),
        "validation": metrics(ask(split.validation)) if len(split.validation) else None,
    }


def analysis(answers: InferenceResult, table: FaceTable, grid: int) -> dict[str, np.ndarray]:
    """Features and generated references of all test samples, and pictures of a few, spread over classes and subjects.

    Args:
        answers: for the test samples.
        table: all faces.
        grid: number of pictures.
    """
    arrays = {"label": answers.predictions.labels, "features": answers.features}
    for name in ("difference", "query_code"):
        array = getattr(answers, name)
        if array is not None:
            arrays[name] = array
    if answers.reference is not None:
        arrays["reference"] = (255 * answers.reference).round().astype(np.uint8)
    indices = torch.as_tensor(answers.indices)
    known = (table.reference[indices] != UNKNOWN).numpy()
    if answers.reference is None or not known.any():
        return arrays
    chosen = _spread(answers.predictions.labels, known, grid)
    arrays["grid.index"] = chosen
    arrays["grid.query"] = (table.images[table.query[indices[chosen]]].float() / 255).numpy()
    arrays["grid.true"] = (table.images[table.reference[indices[chosen]]].float() / 255).numpy()
    arrays["grid.generated"] = answers.reference[chosen]
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _spread(labels: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """Positions of samples that take turns over the classes and are far apart within each."""
    of_class = [np.flatnonzero((labels == label) & known) for label in np.unique(labels)]
    turns = -(-count // len(of_class))
    spread = [
        indices[np.linspace(0, len(indices) - 1, min(turns, len(indices))).round().astype(int)] for indices in of_class
    ]
    return np.concatenate([indices[turn : turn + 1] for turn in range(turns) for indices in spread])[:count]
