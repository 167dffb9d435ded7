"""What an answer rests on, by captum: what changes where a part of the face is covered, and by which pixels."""

from collections.abc import Callable
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
        occlusion: by how much it falls, on average, where a square that covers this pixel shows a blurred copy.
        gradients: integrated gradients from that copy to the face, summed over colors; None where the model lets no
            gradient through, as descriptors do.
    """

    expression: str
    occlusion: Heat
    gradients: Heat | None


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


def attributions(answerer: Answerer, query: Prepared, expression: str, known: KnownPerson | None) -> Attributions:
    """What the probability of an expression rests on.

    A blurred copy stands for "nothing to be seen here": a grey square is a thing that no model has seen on a face, and
    a generated neutral face may be so like the query that nothing would change.

    Args:
        answerer: a model that answers through torch.
        query: the face.
        expression: one of the model's classes.
        known: of the person, one row.
    """
    import torch
    from captum.attr import IntegratedGradients, Occlusion

    column, model = answerer.classes.index(expression), cast(Any, answerer)
    pictures = (query, _blurred(query))
    face, start = (torch.from_numpy(pixels).to(model.model.device).float()[None] / 255 for pixels in pictures)

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
    heat = _heat(occlusion.mean(dim=1))
    if not _has_gradient(asked, face):
        return Attributions(expression, heat, None)
    slopes = IntegratedGradients(asked).attribute(face, baselines=start, n_steps=STEPS, internal_batch_size=AT_ONCE)
    return Attributions(expression, heat, _heat(slopes.sum(dim=1)))


def _has_gradient(asked: Callable[[Any], Any], face: Any) -> bool:
    """Whether an answer changes with the pixels as far as torch can tell."""
    try:
        return bool(asked(face.clone().requires_grad_()).requires_grad)
    except RuntimeError:  # a part that leaves torch refuses tensors with a gradient
        return False


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
