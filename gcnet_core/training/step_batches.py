"""The training batches of each step: several where gradients are added up."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.lazy_batch import LazyBatch
from gcnet_core.data.loader import (
    batch_count,
    check_first_batch,
    sampling_weights,
    smallest_batch,
    training_batches,
)
from gcnet_core.data.memory import fits
from gcnet_core.interfaces import Batch
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe.schema import Recipe
from gcnet_core.training.processes import ALONE, Processes
from gcnet_core.training.read_ahead import read_ahead


class StepBatches:
    """Groups of batches, on the device, one group for each step; its length is the number of steps in an epoch.

    Images that fit are on the device, and batches are made there when they are asked for. Others are read ahead by a
    thread. Either way the batches are the same.

    Args:
        recipe: batch size, accumulation, sampler, augmentation, seed.
        table: all faces.
        indices: samples that train.
        device: where batches go.
        largest: steps of an epoch at most; None: as many as the data gives.
        processes: of which each takes its part of every batch.

    Raises:
        UserError: if a batch has fewer samples than there are processes.
    """

    def __init__(
        self,
        recipe: Recipe,
        table: FaceTable,
        indices: Int[np.ndarray, "train"],
        device: torch.device,
        largest: int | None = None,
        processes: Processes = ALONE,
    ) -> None:
        self.recipe, self.indices, self.device = recipe, indices, device
        self.at_hand = fits(table.images.nbytes, device)
        self.table = table.to(device) if self.at_hand else table
        training = recipe.training
        self.memory_format = torch.channels_last if training.channels_last else torch.contiguous_format
        self.weights = sampling_weights(table, indices, balanced=training.sampler == "balanced")
        steps = batch_count(len(indices), training.batch_size * training.accumulate)
        self.steps = min(largest or steps, steps)
        self.part = processes.rank, processes.count
        smallest = smallest_batch(len(indices), training.batch_size, training.accumulate)
        if processes.count > smallest:
            raise UserError(
                f"training.batch_size: {processes.count} processes share each batch, and there is one of {smallest} "
                f"images; start {smallest} at most, or set a larger training.batch_size, which is that of all together"
            )

    def __len__(self) -> int:
        return self.steps

    def epoch(self, number: int) -> Iterator[list[Batch]]:
        """The groups of an epoch.

        Args:
            number: counted over all stages, the key of order and augmentation.

        Raises:
            UserError: if the first batch holds no images in [0, 1].
        """
        asked: set[str] = set()
        groups = self._groups(number, asked)
        for group in groups if self.at_hand else read_ahead(groups):
            yield [_noting(batch, asked) for batch in group]

    def _groups(self, number: int, asked: set[str]) -> Iterator[list[Batch]]:
        """The groups, with the pictures made that earlier batches of the epoch were asked for."""
        recipe, training = self.recipe, self.recipe.training
        groups = training_batches(
            self.table, self.indices, training.batch_size, recipe.augment, recipe.seed, number, self.weights,
            training.accumulate, self.device, self.part,
        )  # fmt: skip
        for index, group in enumerate(islice(groups, self.steps)):
            if index == 0:
                check_first_batch(group[0])
            moved = [batch.to(self.device, self.memory_format) for batch in group]
            for name in tuple(asked):
                for batch in moved:
                    getattr(batch, name)
            yield moved


def _noting(batch: Batch, asked: set[str]) -> Batch:
    """The same batch, which notes what it is asked for and does not hold yet."""
    if not isinstance(batch, LazyBatch):
        return batch

    def make(name: str) -> Tensor:
        asked.add(name)
        made: Tensor = getattr(batch, name)
        return made

    return batch.remade(make)
