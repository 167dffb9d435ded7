"""The objective of a stage's main phase: the recipe's losses and the generator's own terms."""

from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from gcnet_core.interfaces import Batch, Loss, Model, Terms
from gcnet_core.plugin_api import Part


class Objective:
    """Computes the weighted terms of a batch; each call also counts right classifications.

    Args:
        model: the network.
        losses: all losses of the recipe, by name.
        parts: their choices in the recipe, by name.
        counted: names of those that count, or `all`.
    """

    def __init__(
        self, model: Model, losses: Mapping[str, Loss], parts: Mapping[str, Part], counted: Sequence[str] | str
    ) -> None:
        self.model = model
        self.losses = {name: loss for name, loss in losses.items() if counted == "all" or name in counted}
        self.weights = {name: parts[name].config.weight for name in self.losses}
        self.required_outputs = frozenset[str]().union(*(parts[name].config.required_outputs for name in self.losses))
        self.right: list[Float[Tensor, ""]] = []

    def __call__(self, batch: Batch) -> Terms:
        output = self.model(batch, self.required_outputs)
        terms = {name: self.weights[name] * loss(output, batch) for name, loss in self.losses.items()}
        if output.logits is not None:
            self.right.append((output.logits.detach().argmax(dim=1) == batch.label).float().mean())
        return {**terms, **output.extra_losses}

    def take_accuracy(self) -> float | None:
        """Mean training accuracy since the last call; None if nothing was classified."""
        accuracy = float(torch.stack(self.right).mean()) if self.right else None
        self.right.clear()
        return accuracy
