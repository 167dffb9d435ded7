"""Let a model answer for some samples, and measure the answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.loader import plain_batches
from gcnet_core.evaluation.predictions import Predictions
from gcnet_core.evaluation.references import reference_errors
from gcnet_core.interfaces import Model, Output

WANTED = frozenset({"reference", "query_code", "features", "logits"})


@dataclass(frozen=True)
class InferenceResult:
    """What a model said about some samples, on the CPU.

    Args:
        indices: the samples.
        predictions: class probabilities with the true labels.
        features: what the classifier saw.
        difference: that part of the features which is the difference of query and reference, if there is one.
        query_code: embeddings of the queries, if the model has them apart from the features.
        reference: generated references, if the model generates any.
    """

    indices: Int[np.ndarray, "sample"]
    predictions: Predictions
    features: Float[np.ndarray, "sample feature"]
    difference: Float[np.ndarray, "sample difference"] | None
    query_code: Float[np.ndarray, "sample embedding"] | None
    reference: Float[np.ndarray, "sample channel height width"] | None


@torch.inference_mode()
def predict(
    model: Model,
    table: FaceTable,
    indices: Int[np.ndarray, "sample"],
    *,
    batch_size: int = 64,
    flip: bool = False,
    true_reference: bool = False,
    fold: int | None = None,
) -> InferenceResult:
    """Run a model over samples.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: samples to answer for, at least one.
        batch_size: images per forward pass.
        flip: average the probabilities of each image and its mirror image.
        true_reference: give each query another true picture of its subject's neutral face.
        fold: written beside the predictions.
    """
    device = model.device
    outputs: list[Output] = []
    probabilities: list[Tensor] = []
    for batch in plain_batches(table, indices, batch_size):
        batch = batch.to(device)
        output = model(batch, WANTED, true_reference=true_reference)
        assert output.logits is not None
        shares = output.logits.float().softmax(dim=1)
        if flip:
            mirrored = model(batch.mirrored(), {"logits"}, true_reference=true_reference).logits
            shares = (shares + mirrored.float().softmax(dim=1)) / 2
        probabilities.append(shares)
        outputs.append(output)
    samples = [table.samples[row] for row in indices]
    return InferenceResult(
        indices=indices,
        predictions=Predictions(
            images=tuple(sample.image for sample in samples),
            subjects=tuple(sample.subject or "" for sample in samples),
            labels=table.label[torch.as_tensor(indices)].numpy(),
            probabilities=_joined(probabilities).astype(np.float64),
            classes=table.classes,
            folds=None if fold is None else np.full(len(indices), fold),
        ),
        features=_joined([output.features for output in outputs]),
        difference=_joined_or_none([output.difference for output in outputs]),
        query_code=_joined_or_none([output.query_code for output in outputs]),
        reference=_joined_or_none([output.reference for output in outputs]),
    )


def generator_errors(
    answers: InferenceResult, table: FaceTable, training: Int[np.ndarray, "train"]
) -> dict[str, Any] | None:
    """Compare generated references with the true ones, the copied query and the mean training face.

    Args:
        answers: of a model.
        table: all faces.
        training: samples whose references make the mean face.

    Returns:
        See `reference_errors`; None if the model generates nothing or no true reference is known.
    """
    references = table.reference[torch.as_tensor(answers.indices)]
    known = (references != UNKNOWN).numpy()
    mean_face = mean_reference(table, training)
    if answers.reference is None or mean_face is None or not known.any():
        return None
    queries = table.query[torch.as_tensor(answers.indices)]
    return reference_errors(
        generated=answers.reference[known],
        true=_pixels(table, references[torch.as_tensor(known)]),
        query=_pixels(table, queries[torch.as_tensor(known)]),
        mean_face=mean_face,
        expressive=~table.neutral[torch.as_tensor(answers.indices)].numpy()[known],
    )


def mean_reference(
    table: FaceTable, indices: Int[np.ndarray, "train"]
) -> Float[np.ndarray, "channel height width"] | None:
    """Mean of the known references of some samples; None if there are none."""
    references = table.reference[torch.as_tensor(indices)].unique()
    references = references[references != UNKNOWN]
    return _pixels(table, references).mean(axis=0) if len(references) else None


def with_true_reference(table: FaceTable, indices: Int[np.ndarray, "sample"]) -> Int[np.ndarray, "known"]:
    """Those samples for which another neutral picture of the subject exists."""
    return indices[(table.true_reference[torch.as_tensor(indices)] != UNKNOWN).numpy()]


def _pixels(table: FaceTable, images: Tensor) -> Float[np.ndarray, "sample channel height width"]:
    return (table.images[images].float() / 255).numpy()


def _joined(tensors: Sequence[Tensor | None]) -> np.ndarray:
    return torch.cat([tensor.float().cpu() for tensor in tensors if tensor is not None]).numpy()


def _joined_or_none(tensors: list[Tensor | None]) -> np.ndarray | None:
    return None if any(tensor is None for tensor in tensors) else _joined(tensors)
