"""What a run leaves beside its figures: the model, predictions, and what the report needs of the test samples."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.album_pictures import album_pictures
from gcnet_core.evaluation.by_reference import has_album
from gcnet_core.evaluation.measure import Measurement
from gcnet_core.files import write_bytes
from gcnet_core.inference.predict import InferenceResult
from gcnet_core.interfaces import BuildContext, Model
from gcnet_core.recipe import Recipe, part_versions, recipe_hash
from gcnet_core.runs.files import ANALYSIS, PREDICTIONS, TRUE_REFERENCE_PREDICTIONS, predictions_given
from gcnet_core.storage import save_model


def write_model(folder: Path, model: Model, recipe: Recipe, context: BuildContext) -> None:
    """Write the trained model, with the recipe that it is from, into a run folder.

    Args:
        folder: of the run.
        model: which was trained.
        recipe: of the run.
        context: with which the model was built.
    """
    source = {
        "recipe": recipe.name,
        "recipe_hash": recipe_hash(recipe),
        "preparation": recipe.preparation(),
        "framing": recipe.framing(),
        "flip": recipe.evaluation.flip,
        "parts": part_versions(recipe, context.registry),
    }
    save_model(folder, model, recipe.model, context, source)


def write_outputs(folder: Path, measured: Measurement, model: Model, table: FaceTable, grid: int) -> None:
    """Write the predictions, those with other references where there are some, and the features into a run folder.

    Args:
        folder: of the run.
        measured: on the test samples.
        model: which was measured.
        table: all faces.
        grid: number of pictures to keep.
    """
    measured.result.predictions.write_csv(folder / PREDICTIONS)
    if measured.true_reference_result:
        measured.true_reference_result.predictions.write_csv(folder / TRUE_REFERENCE_PREDICTIONS)
    if measured.album:
        for given, predictions in measured.predictions_by_reference.items():
            predictions.write_csv(folder / predictions_given(given))
    arrays = analysis(measured.result, table, grid)
    if "album" in measured.by_reference:
        arrays |= _albums(measured.result, model, table, grid)
    write_bytes(folder / ANALYSIS, save(arrays))


def analysis(result: InferenceResult, table: FaceTable, grid: int) -> dict[str, np.ndarray]:
    """Features and generated references of test samples, and pictures of a few, spread over classes and subjects.

    Args:
        result: for the test samples.
        table: all faces.
        grid: number of pictures.

    Returns:
        Of all test samples; of those in `kept`, by their positions, where there are more than are kept.
    """
    labels = result.predictions.labels[result.kept]
    arrays = {"label": labels, "features": result.features}
    if len(result.kept) < len(result.indices):
        arrays["kept"] = result.kept
    for name in ("difference", "query_code"):
        array = getattr(result, name)
        if array is not None:
            arrays[name] = array
    if result.reference is not None:
        arrays["reference"] = (255 * result.reference).round().astype(np.uint8)
    indices = torch.as_tensor(result.indices[result.kept])
    known = (table.reference[indices] != UNKNOWN).numpy()
    if result.reference is None or not known.any():
        return arrays
    chosen = _spread(labels, known, grid)
    arrays["grid.index"] = result.kept[chosen]
    arrays["grid.query"] = (table.images[table.query[indices[chosen]]].float() / 255).numpy()
    arrays["grid.true"] = (table.images[table.reference[indices[chosen]]].float() / 255).numpy()
    arrays["grid.generated"] = result.reference[chosen]
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}


def _albums(result: InferenceResult, model: Model, table: FaceTable, grid: int) -> dict[str, np.ndarray]:
    """Albums of a few test samples; `album.index` says which."""
    chosen = _spread(result.predictions.labels, has_album(table, result.indices), grid)
    return {"album.index": chosen, **album_pictures(model, table, result.indices[chosen])}


def _spread(labels: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """Positions of samples that take turns over the classes and are far apart within each."""
    classes = np.unique(labels)
    per_class = -(-count // len(classes))
    spread = []
    for label in classes:
        positions = np.flatnonzero((labels == label) & known)
        steps = np.linspace(0, len(positions) - 1, min(per_class, len(positions)))
        spread.append(positions[steps.round().astype(int)])
    in_turn = [positions[turn : turn + 1] for turn in range(per_class) for positions in spread]
    return np.concatenate(in_turn)[:count]
