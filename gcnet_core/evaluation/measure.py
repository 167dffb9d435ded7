"""Measure a model on some samples: how it answers, how it answers with a real reference, and what it generates."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from gcnet_core.data.faces import FaceTable
from gcnet_core.evaluation.generated import generator_errors
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.inference import InferenceResult, predict
from gcnet_core.interfaces import Model
from gcnet_core.recipe import Recipe
from gcnet_core.runs import GeneratorErrors, Metrics


@dataclass(frozen=True)
class Measurement:
    """Figures of a model, and the answers that they are of.

    Args:
        result: the answers.
        true_reference_result: those with a real reference; None if the model takes none, or nobody has one.
        test: figures of the answers.
        true_reference: figures of those with a real reference.
        generator: errors of the generated references, if there are any.
    """

    result: InferenceResult
    true_reference_result: InferenceResult | None
    test: Metrics
    true_reference: Metrics | None
    generator: GeneratorErrors | None


def measure(
    model: Model,
    table: FaceTable,
    indices: Int[np.ndarray, "sample"],
    training: Int[np.ndarray, "train"],
    recipe: Recipe,
    fold: int | None,
) -> Measurement:
    """Measure a model as its recipe says.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: samples to answer for, at least one.
        training: samples whose references make the mean face.
        recipe: how to evaluate, and the seed of the bootstrap.
        fold: written beside the predictions.
    """
    result = _predict(model, table, indices, recipe, fold)
    known = table.with_true_reference(indices) if result.query_code is not None else indices[:0]
    given = _predict(model, table, known, recipe, fold, true_reference=True) if len(known) else None
    return Measurement(
        result=result,
        true_reference_result=given,
        test=_metrics(result, recipe),
        true_reference=_metrics(given, recipe) if given else None,
        generator=generator_errors(result, table, training),
    )


def recognition(
    model: Model, table: FaceTable, indices: Int[np.ndarray, "sample"], recipe: Recipe, fold: int | None
) -> Metrics:
    """Figures of the answers alone, of validation subjects for instance; see `measure`."""
    return _metrics(_predict(model, table, indices, recipe, fold), recipe)


def accuracy(model: Model, table: FaceTable, indices: Int[np.ndarray, "sample"], batch_size: int) -> float:
    """Share of samples that are recognized from the image as it is, never flipped, for choices during training."""
    answers = predict(model, table, indices, batch_size=batch_size)
    return float(answers.predictions.correct.mean())


def _predict(
    model: Model,
    table: FaceTable,
    indices: Int[np.ndarray, "sample"],
    recipe: Recipe,
    fold: int | None,
    *,
    true_reference: bool = False,
) -> InferenceResult:
    config = recipe.evaluation
    return predict(
        model, table, indices,
        batch_size=config.batch_size, flip=config.flip, true_reference=true_reference, fold=fold,
    )  # fmt: skip


def _metrics(result: InferenceResult, recipe: Recipe) -> Metrics:
    return classification_metrics(result.predictions, recipe.evaluation.bootstrap, recipe.seed)
