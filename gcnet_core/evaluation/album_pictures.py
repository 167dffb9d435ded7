"""What a model makes of a few albums, to be shown: the pictures, each one at rest, and the reference they become."""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.loader import make_batch
from gcnet_core.interfaces import Batch, Candidates, Model

MOST = 6
"""Pictures of an album that are shown."""


@torch.inference_mode()
def album_pictures(model: Model, table: FaceTable, indices: Int[np.ndarray, "shown"]) -> dict[str, np.ndarray]:
    """Pictures 0 to 255 of some queries with their albums.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: samples to be shown, each with a picture in its album.

    Returns:
        `album.query` [M, C, H, W], `album.pictures` [M, P, C, H, W] and `album.known` [M, P]; where the model has a
        generator, `album.query_at_rest` and `album.pictures_at_rest`; where it compares with pictures, `album.joined`:
        the mean of those with which each query is compared.
    """
    batch = make_batch(table, indices).unlabelled(true_reference=False, album=True).to(model.device)
    output = model(batch, {"candidates", "reference"})
    pictures, known = batch.album[:, :MOST], batch.has_album[:, :MOST]
    shown = {"query": batch.query, "pictures": pictures}
    if output.reference is not None:
        shown |= {"query_at_rest": output.reference, "pictures_at_rest": _at_rest(model, batch, pictures, known)}
    if output.candidates is not None:
        shown["joined"] = _mean(output.candidates)
    arrays = {f"album.{name}": _bytes(images) for name, images in shown.items()}
    return {**arrays, "album.known": np.ascontiguousarray(known.cpu().numpy())}


def _at_rest(model: Model, batch: Batch, pictures: Tensor, known: Tensor) -> Tensor:
    """What the generator makes of each picture, asked as if it were a query."""
    of_sample, _ = known.nonzero(as_tuple=True)
    queries = replace(batch.rows(of_sample).unlabelled(true_reference=False), query=pictures[known])
    neutral = model(queries, {"reference"}).reference
    at_rest = torch.zeros_like(pictures)
    at_rest[known] = neutral.to(pictures.dtype)
    return at_rest


def _mean(candidates: Candidates) -> Tensor:
    """The mean picture of those that are known."""
    known = candidates.known[..., None, None, None]
    return torch.where(known, candidates.pictures, 0).sum(dim=1) / known.sum(dim=1)


def _bytes(images: Tensor) -> np.ndarray:
    return np.ascontiguousarray((255 * images.clamp(0, 1)).round().to(torch.uint8).cpu().numpy())
