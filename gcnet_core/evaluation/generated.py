"""The references that a model generates for samples of a data set, against the true ones and the trivial ones."""

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.references import ESTIMATES, MEASURES, errors_of, mean_errors
from gcnet_core.interfaces import Output
from gcnet_core.runs import GeneratorErrors

BLOCK = 4096
"""References that are averaged at a time."""


class GeneratorMeter:
    """Compares generated references with the true ones, the copied query and the mean training face, batch for batch.

    An `Observe` of `predict`: it keeps a few numbers of each sample and no picture.

    Args:
        table: all faces.
        indices: samples for which the model answers.
        training: samples whose references make the mean face.
    """

    def __init__(
        self, table: FaceTable, indices: Int[np.ndarray, "sample"], training: Int[np.ndarray, "train"]
    ) -> None:
        self.table, self.indices, self.training = table, torch.as_tensor(indices), training
        self.reference = table.reference[self.indices]
        self.known = (self.reference != UNKNOWN).numpy()
        self.errors: Float[np.ndarray, "estimate measure sample"] | None = None

    @cached_property
    def mean_face(self) -> Float[np.ndarray, "channel height width"] | None:
        """Of the training; None if it has no reference."""
        return mean_reference(self.table, self.training)

    def __call__(self, positions: Int[np.ndarray, "batch"], output: Output) -> None:
        """Measure the references of a batch, where it has any."""
        known = self.known[positions]
        if output.reference is None or not known.any() or self.mean_face is None:
            return
        if self.errors is None:
            self.errors = np.empty((len(ESTIMATES), len(MEASURES), len(self.known)))
        measured = torch.as_tensor(positions[known])
        self.errors[:, :, positions[known]] = errors_of(
            generated=output.reference.float().cpu().numpy()[known],
            true=_pixels(self.table, self.reference[measured]),
            query=_pixels(self.table, self.table.query[self.indices[measured]]),
            mean_face=self.mean_face,
        )

    @property
    def found(self) -> GeneratorErrors | None:
        """Means over the samples; None if the model generates nothing or no true reference is known."""
        if self.errors is None:
            return None
        expressive = ~self.table.neutral[self.indices].numpy()
        return mean_errors(self.errors[:, :, self.known], expressive[self.known])


def mean_reference(
    table: FaceTable, indices: Int[np.ndarray, "train"]
) -> Float[np.ndarray, "channel height width"] | None:
    """Mean of the known references of some samples; None if there are none."""
    references = table.reference[torch.as_tensor(indices)].unique()
    references = references[references != UNKNOWN]
    if not len(references):
        return None
    total = np.zeros(table.images.shape[1:])
    for some in references.split(BLOCK):
        total += _pixels(table, some).sum(axis=0)
    return (total / len(references)).astype(np.float32)


def _pixels(table: FaceTable, images: Tensor) -> Float[np.ndarray, "sample channel height width"]:
    return (table.images[images].float() / 255).numpy()
