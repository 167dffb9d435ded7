"""Batches: which samples, in which order, with which augmentation. All of it keyed, nothing of it stored."""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from gcnet_core.data.augment import Augmentation, draw
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.lazy_batch import LazyBatch
from gcnet_core.data.memory import moved
from gcnet_core.data.randomness import keyed_generator
from gcnet_core.interfaces.batch import Batch
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe.schema import AugmentConfig

CPU = torch.device("cpu")


def make_batch(
    table: FaceTable,
    indices: Int[np.ndarray, "batch"],
    album_rows: Int[np.ndarray, "batch picture"] | None = None,
    device: torch.device = CPU,
) -> Batch:
    """Cut a batch from the table, without augmentation.

    Args:
        table: all faces.
        indices: samples.
        album_rows: images of each sample's album; None: those that it has at test.
        device: where the pictures go, as bytes; they become numbers there.
    """
    index = moved(torch.as_tensor(indices), table.images.device)
    if album_rows is None and table.albums is not None:
        album_rows = table.albums.test(indices)
    if album_rows is None:
        album_rows = np.zeros((len(indices), 0), dtype=np.int64)
    album = moved(torch.from_numpy(album_rows), index.device)
    query = _cut(table, table.query[index], device)
    rows = {"reference": table.reference[index], "true_reference": table.true_reference[index], "album": album}
    nothing = query.new_zeros((len(index), 0))
    return LazyBatch(
        dict.fromkeys(rows, lambda name: _pictures(table, rows[name], device)),
        query=query,
        label=moved(table.label[index], device),
        votes=moved(table.votes[index], device),
        neutral=moved(table.neutral[index], device),
        sample=moved(index, device),
        codes=nothing[:, :, None],
        has_codes=nothing.bool(),
        **{f"has_{name}": moved(known != UNKNOWN, device) for name, known in rows.items()},
    )


def training_batches(
    table: FaceTable,
    indices: Int[np.ndarray, "train"],
    batch_size: int,
    config: AugmentConfig,
    seed: int,
    epoch: int,
    weights: Float[np.ndarray, "train"] | None = None,
    accumulate: int = 1,
    device: torch.device = CPU,
    part: tuple[int, int] = (0, 1),
) -> Iterator[list[Batch]]:
    """Augmented batches of one epoch, in groups.

    Groups are of nearly equal size, and so are the batches of a group: no sample is dropped, none is alone with a batch
    norm, and two batches of 8 hold the samples that one of 16 would.

    Args:
        table: all faces.
        indices: samples that train.
        batch_size: largest size of a batch.
        config: augmentation.
        seed: of the recipe.
        epoch: counted over all stages.
        weights: how often each sample is drawn, relative to the others; None: each once.
        accumulate: batches of a group at most.
        device: where the pictures are augmented.
        part: `(rank, count)`: which of so many parts of each batch, of nearly equal size, are to be made.
    """
    rank, parts = part
    drawn = draw_indices(indices, weights, keyed_generator(seed, "order", epoch))
    times = times_before(drawn)
    draws = draw(seed, epoch, drawn, times)

    def augmented(places: Int[np.ndarray, "batch"]) -> Batch:
        samples = drawn[places]
        album_rows = table.albums.training(samples, epoch, times[places]) if table.albums is not None else None
        batch = make_batch(table, samples, album_rows, device)
        return batch.with_images(Augmentation(moved(draws[places], device), config))

    for group in np.array_split(np.arange(len(drawn)), batch_count(len(drawn), batch_size * accumulate)):
        batches = np.array_split(group, batch_count(len(group), batch_size))
        yield [augmented(np.array_split(places, parts)[rank]) for places in batches]


def draw_indices(
    indices: Int[np.ndarray, "train"], weights: Float[np.ndarray, "train"] | None, generator: np.random.Generator
) -> Int[np.ndarray, "train"]:
    """The samples of one epoch in random order.

    With weights the draws are systematic: a sample that should come 1.4 times comes once or twice, never more often.

    Args:
        indices: samples that train.
        weights: relative to each other; None: each sample once.
        generator: source of the order.
    """
    order = generator.permutation(len(indices))
    if weights is None:
        return indices[order]
    reach = np.cumsum(weights[order]) / weights.sum() * len(indices)
    chosen = np.searchsorted(reach, np.arange(len(indices)) + generator.random(), side="right")
    return indices[order[generator.permutation(chosen.clip(max=len(indices) - 1))]]


def times_before(drawn: Shaped[np.ndarray, "position"]) -> Int[np.ndarray, "position"]:
    """How often the value at each position came before it."""
    order = np.argsort(drawn, kind="stable")
    first = np.searchsorted(drawn[order], drawn[order], side="left")
    times = np.empty_like(order)
    times[order] = np.arange(len(drawn)) - first
    return times


def sampling_weights(
    table: FaceTable, indices: Int[np.ndarray, "train"], *, balanced: bool
) -> Float[np.ndarray, "train"] | None:
    """How often each sample is drawn: by the weight of its data set, and with `balanced` as often for each class.

    Returns:
        None where all are equal.
    """
    weights = np.array([table.samples[row].weight for row in indices], dtype=np.float64)
    if balanced:
        labels = table.label[torch.as_tensor(indices)].numpy()
        sums = {label: weights[labels == label].sum() for label in np.unique(labels)}
        weights = weights / np.array([sums[label] for label in labels])
    return None if np.allclose(weights, weights[0]) else weights


def plain_batches(table: FaceTable, indices: Int[np.ndarray, "row"], batch_size: int) -> Iterator[Batch]:
    """Batches for evaluation, in the order of the indices."""
    for start in range(0, len(indices), batch_size):
        yield make_batch(table, indices[start : start + batch_size])


def batch_count(samples: int, batch_size: int) -> int:
    """Number of batches that some samples make; none is of a single sample, even if one is too large by one then."""
    return max(1, min(-(-samples // batch_size), samples // 2))


def smallest_batch(samples: int, batch_size: int, accumulate: int = 1) -> int:
    """Size of the smallest batch of `training_batches`."""
    groups = batch_count(samples, batch_size * accumulate)
    sizes = {samples // groups, -(-samples // groups)}
    return min(size // batch_count(size, batch_size) for size in sizes)


def check_first_batch(batch: Batch) -> None:
    """Stop before hours are lost on images that cannot be right.

    Raises:
        UserError: if queries are not in [0, 1], not finite, or all constant.
    """
    low, high = float(batch.query.min()), float(batch.query.max())
    if not (low >= 0 and high <= 1):
        raise UserError(f"images must be in [0, 1]; the first batch reaches from {low:.3g} to {high:.3g}")
    if high == low and len(batch) > 1:  # one alone is the part of one of several processes
        raise UserError(f"all images of the first batch are constant ({low:.3g}); is the data set's `read` right?")


def _pictures(
    table: FaceTable, rows: Int[Tensor, "batch *picture"], device: torch.device
) -> Float[Tensor, "batch *picture channel height width"]:
    """The images of some rows, zeros where a row is unknown."""
    known = moved(rows != UNKNOWN, device)
    return _cut(table, rows.clamp(min=0), device).mul_(known[..., None, None, None])


def _cut(
    table: FaceTable, rows: Int[Tensor, "batch *picture"], device: torch.device
) -> Float[Tensor, "batch *picture channel height width"]:
    """The images of some rows: bytes go to the device, and become numbers there."""
    return moved(table.images[rows], device).float().div_(255)
