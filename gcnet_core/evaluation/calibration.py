"""Calibration: whether a probability is the share of right answers, and the temperature that makes it so."""

import numpy as np
import torch
from jaxtyping import Float, Int

from gcnet_core.inference.temperature import FLOOR, at_temperature
from gcnet_core.runs import Calibration, Predictions

BINS = 15
BOUNDS = (0.05, 20.0)
"""Between which a temperature is looked for."""


def fit_temperature(validation: Predictions) -> float:
    """The temperature at which the true expressions are most probable, by negative log-likelihood.

    Args:
        validation: answers to images that were not trained on, at least one.

    Returns:
        1 where every answer is right or none is: such images do not say how sure an answer may be. 1 too where the
        other temperature would leave these very answers worse calibrated, as of a network trained with smoothed labels.
    """
    from scipy.optimize import minimize_scalar

    if validation.correct.all() or not validation.correct.any():
        return 1.0
    given, rows = torch.as_tensor(validation.probabilities), np.arange(len(validation))

    def loss(logarithm: float) -> float:
        of_truth = at_temperature(given, float(np.exp(logarithm))).numpy()[rows, validation.labels]
        return float(-np.log(of_truth.clip(FLOOR)).mean())

    # convex in 1 / temperature, so that there is one minimum
    found = minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded", options={"xatol": 1e-6})
    temperature = float(np.exp(found.x))
    fitted = calibration(validation, temperature)
    return temperature if fitted.calibrated_ece < fitted.ece else 1.0


def expected_calibration_error(
    probabilities: Float[np.ndarray, "sample class"], labels: Int[np.ndarray, "sample"], bins: int = BINS
) -> float:
    """Mean distance between how sure answers are and how often they are right (Naeini et al., AAAI 2015).

    Answers are put into bins of equal width by the probability of the class they name; each bin weighs as many images
    as it holds. A few hundred images are needed: of fewer, chance alone makes some percent.

    Args:
        probabilities: of each class.
        labels: true classes.
        bins: their number.

    Returns:
        From 0, where 70 % means 70 %, to 1.
    """
    sure = probabilities.max(axis=1)
    gap = (probabilities.argmax(axis=1) == labels) - sure
    # the upper bound belongs to a bin, as in the paper
    place = np.clip(np.ceil(sure * bins).astype(np.int64) - 1, 0, bins - 1)
    return float(np.abs(np.bincount(place, weights=gap, minlength=bins)).sum() / len(labels))


def calibrated(predictions: Predictions, temperature: float) -> Float[np.ndarray, "sample class"]:
    """Probabilities of predictions as `gcnet predict` gives them."""
    return np.asarray(at_temperature(torch.as_tensor(predictions.probabilities), temperature).numpy())


def calibration(predictions: Predictions, temperature: float) -> Calibration:
    """How well the probabilities are calibrated, as they are and at a temperature.

    Args:
        predictions: of at least one image.
        temperature: of the model.
    """
    return Calibration(
        temperature=temperature,
        ece=expected_calibration_error(predictions.probabilities, predictions.labels),
        calibrated_ece=expected_calibration_error(calibrated(predictions, temperature), predictions.labels),
    )
