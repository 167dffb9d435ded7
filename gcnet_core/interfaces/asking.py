"""What a user asks a model: queries of which nothing is known, and the codes of pictures that stand for a person."""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces.batch import Batch
from gcnet_core.interfaces.model import Model
from gcnet_core.plugin_api import PluginError


def asked(query: Float[Tensor, "batch channel height width"], classes: int) -> Batch:
    """Queries as a user gives them: nothing else is known.

    Args:
        query: faces in [0, 1].
        classes: how many the model tells apart.
    """
    nothing = torch.zeros(len(query), dtype=torch.bool, device=query.device)
    unknown = torch.full((len(query),), -1, device=query.device)
    return Batch(
        query=query,
        reference=torch.zeros_like(query),
        has_reference=nothing,
        true_reference=torch.zeros_like(query),
        has_true_reference=nothing,
        label=unknown,
        votes=query.new_zeros((len(query), classes)),
        neutral=nothing,
        sample=unknown,
    )


def picture_codes(
    model: Model, pictures: Float[Tensor, "picture channel height width"], classes: int, *, calm: bool
) -> Float[Tensor, "picture embedding"]:
    """Embeddings of pictures, as they enter a comparison with other pictures of the same person, for `Batch.codes`.

    Args:
        model: in evaluation mode, which computes `candidate_codes`.
        pictures: in [0, 1].
        classes: how many the model tells apart.
        calm: whether they show the face at rest, as a true neutral picture does; otherwise they are an album.

    Raises:
        PluginError: if the model computes them, but does not say of which pictures they are.
    """
    batch, everyone = asked(pictures, classes), torch.ones(len(pictures), dtype=torch.bool, device=pictures.device)
    if calm:
        batch = dataclasses.replace(batch, true_reference=pictures, has_true_reference=everyone)
    else:
        batch = dataclasses.replace(batch, album=pictures[:, None], has_album=everyone[:, None])
    output = model(batch, {"candidates", "candidate_codes"}, true_reference=calm)
    if output.candidates is None or output.candidate_codes is None:
        raise PluginError(f"{model.origin or type(model).__name__}: gave no candidates beside its candidate_codes")
    places = torch.arange(output.candidates.known.shape[1], device=pictures.device)
    last = (output.candidates.known * places).argmax(dim=1)  # before it there may be what was made of the query
    codes: Tensor = output.candidate_codes[torch.arange(len(pictures), device=pictures.device), last]
    return codes
