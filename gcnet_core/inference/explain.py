"""What an answer rests on, by captum: what changes where a part of the face is covered, and by which pixels."""

from dataclasses import dataclass
from typing import Any, cast

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from gcnet_core.inference.answers import Answerer, KnownPerson
from gcnet_core.plugin_api import UserError

WINDOW, STRIDES = 6, 2
"""The side of a face in sides of the square that covers it, and how many steps lead it over its own side."""
STEPS, AT_ONCE = 32, 32
"""Steps of the integral, and faces that are answered at a time."""

Heat = Float[np.ndarray, "height width"]
Prepared = UInt8[np.ndarray, "channel height width"]


@dataclass(frozen=True, eq=False)
class Attributions:
    """What the probability of one expression rests on.

    Args:
        expression: whose probability it is.
        occlusion: by how much it falls, on average, where a square that covers this pixel shows the baseline.
        gradients: integrated gradients from the baseline to the face, summed over colors; None where the model lets no
            gradient through, as a support vector machine.
        baseline: what covers the face, and where the integral begins: the neutral face that the model makes of it, or
            else a blurred copy.
    """

    expression: str
    occlusion: Heat
    gradients: Heat | None
    baseline: Prepared


def check_explainable(answerer: Answerer) -> None:
    """Tell that nothing can be explained, before any work.

    Raises:
        UserError: if captum is missing, or the model does not answer through torch.
    """
    try:
        import captum.attr  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(
            "--explain: captum, which computes what an answer rests on, is not installed; pip install 'gcnet[explain]'"
        ) from error
    if not hasattr(answerer, "probabilities"):
        raise UserError(
            f"--explain: {answerer.name} is an exported model, which gives no gradients; name the run it is of"
        )


def attributions(
    answerer: Answerer, query: Prepared, expression: str, reference: Prepared | None, known: KnownPerson | None
) -> Attributions:
    """What the probability of an expression rests on.

    Args:
        answerer: a model that answers through torch.
        query: the face.
        expression: one of the model's classes.
        reference: the neutral face that the model makes of it, if it does.
        known: of the person, one row.
    """
    import torch
    from captum.attr import IntegratedGradients, Occlusion

    column, model = answerer.classes.index(expression), cast(Any, answerer)
    baseline = _blurred(query) if reference is None else reference
    face, start = (
        torch.from_numpy(picture).to(model.model.device).float()[None] / 255 for picture in (query, baseline)
    )

    def asked(faces: torch.Tensor) -> torch.Tensor:
        shares: torch.Tensor = model.probabilities(faces, _repeated(known, len(faces)))
        return shares[:, column]

    channels, side = len(query), max(4, query.shape[-1] // WINDOW)
    with torch.no_grad():
        occlusion = Occlusion(asked).attribute(
            face,
            sliding_window_shapes=(channels, side, side),
            strides=(channels, max(1, side // STRIDES), max(1, side // STRIDES)),
            baselines=start,
            perturbations_per_eval=AT_ONCE,
        )
    try:
        gradients = IntegratedGradients(asked).attribute(
            face, baselines=start, n_steps=STEPS, internal_batch_size=AT_ONCE
        )
    except RuntimeError:  # no part of the answer has a gradient
        gradients = None
    slopes = None if gradients is None else _heat(gradients.sum(dim=1))
    return Attributions(expression, _heat(occlusion.mean(dim=1)), slopes, baseline)


def _repeated(known: KnownPerson | None, faces: int) -> KnownPerson | None:
    """The same person in several faces."""
    if known is None:
        return None
    return KnownPerson(np.repeat(known.codes, faces, axis=0), np.repeat(known.known, faces, axis=0))


def _blurred(query: Prepared) -> Prepared:
    """Light and colours of a face without its features."""
    pixels = cv2.GaussianBlur(np.ascontiguousarray(query.transpose(1, 2, 0)), (0, 0), query.shape[-1] / 8)
    return np.ascontiguousarray(pixels.reshape(*query.shape[1:], len(query)).transpose(2, 0, 1))


def _heat(values: Any) -> Heat:
    """The first map of a tensor [1, height, width]."""
    return np.asarray(values[0].detach().cpu().numpy(), np.float64)
