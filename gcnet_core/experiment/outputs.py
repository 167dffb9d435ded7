"""What a run leaves beside its figures: predictions, and what the report needs of the test samples."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.measure import Measurement
from gcnet_core.files import write_bytes
from gcnet_core.inference import InferenceResult
from gcnet_core.runs.files import ANALYSIS, PREDICTIONS, TRUE_REFERENCE_PREDICTIONS


def write_outputs(folder: Path, measured: Measurement, table: FaceTable, grid: int) -> None:
    """Write the predictions, those with a real reference where there are some, and the features into a run folder.

    Args:
        folder: of the run.
        measured: on the test samples.
        table: all faces.
        grid: number of pictures to keep.
    """
    measured.result.predictions.write_csv(folder / PREDICTIONS)
    if measured.true_reference_result:
        measured.true_reference_result.predictions.write_csv(folder / TRUE_REFERENCE_PREDICTIONS)
    write_bytes(folder / ANALYSIS, save(analysis(measured.result, table, grid)))


def analysis(result: InferenceResult, table: FaceTable, grid: int) -> dict[str, np.ndarray]:
    """Features and generated references of all test samples, and pictures of a few, spread over classes and subjects.

    Args:
        result: for the test samples.
        table: all faces.
        grid: number of pictures.
    """
    arrays = {"label": result.predictions.labels, "features": result.features}
    for name in ("difference", "query_code"):
        array = getattr(result, name)
        if array is not None:
            arrays[name] = array
    if result.reference is not None:
        arrays["reference"] = (255 * result.reference).round().astype(np.uint8)
    indices = torch.as_tensor(result.indices)
    known = (table.reference[indices] != UNKNOWN).numpy()
    if result.reference is None or not known.any():
        return arrays
    chosen = _spread(result.predictions.labels, known, grid)
    arrays["grid.index"] = chosen
    arrays["grid.query"] = (table.images[table.query[indices[chosen]]].float() / 255).numpy()
    arrays["grid.true"] = (table.images[table.reference[indices[chosen]]].float() / 255).numpy()
    arrays["grid.generated"] = result.reference[chosen]
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _spread(labels: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """Positions of samples that take turns over the classes and are far apart within each."""
    of_class = [np.flatnonzero((labels == label) & known) for label in np.unique(labels)]
    turns = -(-count // len(of_class))
    spread = [
        indices[np.linspace(0, len(indices) - 1, min(turns, len(indices))).round().astype(int)] for indices in of_class
    ]
    return np.concatenate([indices[turn : turn + 1] for turn in range(turns) for indices in spread])[:count]
