"""Measure a model on some samples: how it answers, how it answers with a real reference, and what it generates."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from gcnet_core.data.faces import FaceTable
from gcnet_core.evaluation.album_counts import albums_at_test
from gcnet_core.evaluation.by_reference import (
    Answers,
    has_true_neutral,
    metrics_by_reference,
    predictions_by_reference,
)
from gcnet_core.evaluation.calibration import calibration
from gcnet_core.evaluation.generated import GeneratorMeter
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.inference.predict import InferenceResult, predict
from gcnet_core.interfaces import Model
from gcnet_core.recipe import Recipe
from gcnet_core.runs import AlbumCounts, Calibration, GeneratorErrors, Given, Metrics, Predictions


@dataclass(frozen=True)
class Measurement:
    """Figures of a model, and the answers that they are of.

    Args:
        result: the answers.
        true_reference_result: those with a real reference; None if the model takes none, or nobody has one.
        test: figures of the answers.
        true_reference: figures of those with a real reference.
        generator: errors of the generated references, if there are any.
        predictions_by_reference: answers by what is given beside the query, each to the images that have it.
        by_reference: figures of these, on the same images.
        album: pictures beside the queries, if the recipe asks for any.
        calibration: of the answers.
    """

    result: InferenceResult
    true_reference_result: InferenceResult | None
    test: Metrics
    true_reference: Metrics | None
    generator: GeneratorErrors | None
    predictions_by_reference: dict[Given, Predictions]
    by_reference: dict[Given, Metrics]
    album: AlbumCounts | None
    calibration: Calibration


def measure(
    model: Model,
    table: FaceTable,
    indices: Int[np.ndarray, "sample"],
    training: Int[np.ndarray, "train"],
    recipe: Recipe,
    fold: int | None,
    temperature: float = 1.0,
) -> Measurement:
    """Measure a model as its recipe says.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: samples to answer for, at least one.
        training: samples whose references make the mean face.
        recipe: how to evaluate, and the seed of the bootstrap.
        fold: written beside the predictions.
        temperature: of the model; it changes the calibration alone.
    """
    config = model.config
    answers = Answers(model, table, indices, recipe.evaluation, fold)
    everything = np.full(len(indices), True)
    generator = GeneratorMeter(table, indices, training)
    result = answers.ask(
        album=config.uses_album(), true_neutral=config.needs_true_reference(), wanted=everything, observe=generator
    )
    takes_true_neutral = result.query_code is not None
    known = has_true_neutral(table, indices) & takes_true_neutral
    given = answers.ask(album=config.uses_album(), true_neutral=True, wanted=known) if known.any() else None
    by_reference = predictions_by_reference(answers, takes_true_neutral=takes_true_neutral)
    return Measurement(
        result=result,
        true_reference_result=given,
        test=recognition(result.predictions, recipe),
        true_reference=recognition(given.predictions, recipe) if given else None,
        generator=generator.found,
        predictions_by_reference=by_reference,
        by_reference=metrics_by_reference([by_reference], recipe.evaluation.bootstrap, recipe.seed),
        album=albums_at_test(table, indices),
        calibration=calibration(result.predictions, temperature),
    )


def recognition(predictions: Predictions, recipe: Recipe) -> Metrics:
    """Figures of answers, with the intervals that a recipe asks for."""
    return classification_metrics(predictions, recipe.evaluation.bootstrap, recipe.seed)


def accuracy(model: Model, table: FaceTable, indices: Int[np.ndarray, "sample"], batch_size: int) -> float:
    """Share of samples that are recognized from the image as it is, never flipped, for choices during training."""
    answers = predict(model, table, indices, batch_size=batch_size)
    return float(answers.predictions.correct.mean())
