"""The objective of a stage's main phase: the recipe's losses and the generator's own terms."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from gcnet_core.interfaces import Batch, Loss, Model, Terms
from gcnet_core.plugin_api import Part, PluginError
from gcnet_core.training.processes import ALONE, Processes

TOTAL = "total"
"""Name of the sum of all terms in the metrics."""


class Objective:
    """Computes the weighted terms of a batch; each call also counts right classifications.

    Raises `PluginError` when called if the model's own terms bear the name of a loss.

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
        self.right: Tensor | None = None
        self.classified = 0

    def __call__(self, batch: Batch) -> Terms:
        output = self.model(batch, self.required_outputs)
        if output.logits is not None:  # before any loss could change them
            right = (output.logits.detach().argmax(dim=1) == batch.label).sum()
            self.right = right if self.right is None else self.right + right
            self.classified += len(batch)
        terms = {name: self.weights[name] * _scalar(loss, loss(output, batch)) for name, loss in self.losses.items()}
        check_names(terms, output.extra_losses)
        return {**terms, **output.extra_losses}

    def sample_count(self, batch: Batch, term: str) -> float | Tensor:
        """How many samples of a batch a term is the mean over, as its loss or the model says."""
        loss = self.losses.get(term)
        return self.model.sample_count(batch, term) if loss is None else loss.sample_count(batch)

    def take_accuracy(self, processes: Processes = ALONE) -> float | None:
        """Mean training accuracy of all processes since the last call; None if nothing was classified."""
        right, classified = processes.sum(0.0 if self.right is None else float(self.right), float(self.classified))
        accuracy = right / classified if classified else None
        self.right, self.classified = None, 0
        return accuracy


def _scalar(loss: Loss, value: object) -> Tensor:
    """What a loss returned, if it is a scalar; losses that are so at first may be otherwise later."""
    if not isinstance(value, Tensor) or value.dim():
        what = f"a tensor {list(value.shape)}" if isinstance(value, Tensor) else f"a {type(value).__name__}"
        raise PluginError(f"{loss.origin or type(loss).__name__}: forward returned {what}; expected a scalar tensor")
    return value


def check_names(terms: Terms, own: Terms) -> None:
    """See that no term of the model's own replaces a loss of the recipe, or the sum of all.

    Raises:
        PluginError: naming those that do.
    """
    if TOTAL in own:
        raise PluginError(
            f"the model brings a loss term called {TOTAL}, which is the name of the sum of all; rename it"
        )
    both = ", ".join(sorted(terms.keys() & own.keys()))
    if both:
        raise PluginError(
            f"losses.{both}: the model brings a loss term of its own of that name; give the loss of the recipe another "
            "name, so that both count"
        )
