"""The references that a model generated for samples of a data set, against the true ones and the trivial ones."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.references import reference_errors
from gcnet_core.inference.predict import InferenceResult
from gcnet_core.runs import GeneratorErrors


def generator_errors(
    result: InferenceResult, table: FaceTable, training: Int[np.ndarray, "train"]
) -> GeneratorErrors | None:
    """Compare generated references with the true ones, the copied query and the mean training face.

    Args:
        result: of a model.
        table: all faces.
        training: samples whose references make the mean face.

    Returns:
        None if the model generates nothing or no true reference is known.
    """
    indices = torch.as_tensor(result.indices)
    references, queries = table.reference[indices], table.query[indices]
    known = references != UNKNOWN
    mean_face = mean_reference(table, training)
    if result.reference is None or mean_face is None or not known.any():
        return None
    return reference_errors(
        generated=result.reference[known.numpy()],
        true=_pixels(table, references[known]),
        query=_pixels(table, queries[known]),
        mean_face=mean_face,
        expressive=~table.neutral[indices][known].numpy(),
    )


def mean_reference(
    table: FaceTable, indices: Int[np.ndarray, "train"]
) -> Float[np.ndarray, "channel height width"] | None:
    """Mean of the known references of some samples; None if there are none."""
    references = table.reference[torch.as_tensor(indices)].unique()
    references = references[references != UNKNOWN]
    return _pixels(table, references).mean(axis=0) if len(references) else None


def _pixels(table: FaceTable, images: Tensor) -> Float[np.ndarray, "sample channel height width"]:
    return (table.images[images].float() / 255).numpy()
