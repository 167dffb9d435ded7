"""Batches: which samples, in which order, with which augmentation. All of it keyed, nothing of it stored."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from gcnet_core.data.augment import augment, draw
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.interfaces.batch import Batch
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe.schema import AugmentConfig


def make_batch(table: FaceTable, rows: Int[np.ndarray, "batch"]) -> Batch:
    """Cut a batch from the table, without augmentation."""
    index = torch.as_tensor(rows)
    label = table.label[index]
    reference, has_reference = _pictures(table, table.reference[index])
    given_reference, has_given_reference = _pictures(table, table.given_reference[index])
    return Batch(
        query=table.images[table.query[index]].float() / 255,
        reference=reference,
        has_reference=has_reference,
        given_reference=given_reference,
        has_given_reference=has_given_reference,
        label=label,
        neutral=table.neutral[index],
        sample=index,
    )


def training_batches(
    table: FaceTable, rows: Int[np.ndarray, "train"], batch_size: int, config: AugmentConfig, seed: int, epoch: int
) -> Iterator[Batch]:
    """Augmented batches of one epoch.

    Batches are of nearly equal size, so that no sample is dropped and none is alone with a batch norm.

    Args:
        table: all faces.
        rows: samples that train.
        batch_size: largest size of a batch.
        config: augmentation.
        seed: of the recipe.
        epoch: counted over all stages.
    """
    order = keyed_generator(seed, "order", epoch).permutation(len(rows))
    for part in np.array_split(rows[order], batch_count(len(rows), batch_size)):
        batch = make_batch(table, part)
        draws = draw(seed, epoch, part)
        yield batch.with_images(partial(augment, draws=draws, config=config))


def plain_batches(table: FaceTable, rows: Int[np.ndarray, "row"], batch_size: int) -> Iterator[Batch]:
    """Batches for evaluation, in the order of the rows."""
    for start in range(0, len(rows), batch_size):
        yield make_batch(table, rows[start : start + batch_size])


def batch_count(samples: int, batch_size: int) -> int:
    """Number of batches of an epoch."""
    return -(-samples // batch_size)


def check_first_batch(batch: Batch) -> None:
    """Stop before hours are lost on images that cannot be right.

    Raises:
        UserError: if queries are not in [0, 1], not finite, or all constant.
    """
    low, high = float(batch.query.min()), float(batch.query.max())
    if not (low >= 0 and high <= 1):
        raise UserError(f"images must be in [0, 1]; the first batch reaches from {low:.3g} to {high:.3g}")
    if high == low:
        raise UserError(f"all images of the first batch are constant ({low:.3g}); is the data set's `read` right?")


def _pictures(
    table: FaceTable, rows: Int[Tensor, "batch"]
) -> tuple[Float[Tensor, "batch channel height width"], Bool[Tensor, "batch"]]:
    known = rows != UNKNOWN
    images = table.images[rows.clamp(min=0)].float() / 255
    return images * known.view(-1, 1, 1, 1), known
