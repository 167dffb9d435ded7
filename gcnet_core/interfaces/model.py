"""Model: what the trainer sees of a network, whatever its kind."""

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain

import torch
from torch import Tensor

from gcnet_core.interfaces.batch import Batch, Output
from gcnet_core.interfaces.component import Component
from gcnet_core.interfaces.generator import Phase


class Model(Component):
    """A network made of named parts; its direct children are the names that `training.stages.*.train` may list."""

    @abstractmethod
    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """Compute some fields of the output.

        Args:
            batch: faces in [0, 1].
            required_outputs: names of the `Output` fields that are needed; others may stay None.
            true_reference: use `batch.true_reference` in place of what the model would generate.

        Returns:
            The output, with the generator's own loss terms where the generator is in training mode.
        """

    def phases(self) -> Sequence[Phase]:
        """Phases that parts declare beside the main one."""
        return ()

    def sample_count(self, batch: Batch, term: str) -> float | Tensor:
        """How many samples of a batch an own term is the mean over: all, if not overridden.

        Args:
            batch: faces in [0, 1].
            term: a name among the `extra_losses` of an output.
        """
        return float(len(batch))

    def fit(self, batches: Iterable[Batch]) -> None:
        """Learn what gradients do not teach; called once, in evaluation mode, after the stages of training.

        Args:
            batches: all training samples, as they are.
        """

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(chain(self.parameters(), self.buffers())).device
