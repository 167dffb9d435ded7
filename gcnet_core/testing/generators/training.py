"""A few steps of training a generator alone, through the same phases that the trainer walks."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import (
    Batch,
    Generator,
    Model,
    Output,
    Phase,
    Terms,
    generator_output,
    generator_phases,
    masked_mean,
)
from gcnet_core.recipe.schema import OptimizerConfig, StageConfig
from gcnet_core.testing.case import Case
from gcnet_core.training.phases import ActivePhase, stage_phases

SQUARED_ERROR = "squared_error"


class GeneratorAlone(Model):
    """A model of one part.

    Args:
        case: the generator and how it is built.
        seed: of its first weights.
    """

    def __init__(self, case: Case, seed: int = 0) -> None:
        super().__init__(None, case.context)
        self.generator: Generator = case.build(seed)
        # stands for the parts beside it, which learn where a generator has no weights
        self.companion = nn.Linear(1, 1, bias=False, device=case.device)
        self.trainable = frozenset(name for name, weight in self.named_parameters() if weight.requires_grad)

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        """The estimate and the generator's own terms."""
        return generator_output(self.generator, batch, with_reference=True)

    def phases(self) -> Sequence[Phase]:
        """The generator's own phases."""
        return generator_phases(self.generator)

    def objective(self, batch: Batch) -> Terms:
        """Squared error where the reference is known, and the generator's own terms."""
        output = self(batch, {"reference"})
        assert output.reference is not None
        error = (output.reference - batch.reference).square().mean(dim=(1, 2, 3))
        fit = 100 * masked_mean(error, batch.has_reference) + 0 * self.companion.weight.sum()
        return {SQUARED_ERROR: fit, **output.extra_losses}


def phases_of(model: GeneratorAlone, learning_rate: float = 1e-3) -> list[ActivePhase]:
    """The main phase and those that the generator declares."""
    trainable = {weight for name, weight in model.named_parameters() if name in model.trainable}
    return stage_phases(
        model, (), StageConfig(epochs=1), model.objective, OptimizerConfig(learning_rate=learning_rate), trainable
    )


def entered(model: GeneratorAlone) -> Iterator[ActivePhase]:
    """The phases of a model one after the other, each with the modes and the free weights of its steps."""
    for phase in phases_of(model):
        phase.enter()
        yield phase


def train(model: GeneratorAlone, phases: Sequence[ActivePhase], batches: Sequence[Batch], first: int = 0) -> None:
    """One step of every phase on each batch; all randomness is keyed by the number of the step.

    Args:
        model: which is changed.
        phases: of `phases_of`, with their optimisers.
        batches: one for each step.
        first: number of the first step.
    """
    for step, batch in enumerate(batches, start=first):
        for number, phase in enumerate(phases):
            if step % phase.interval:
                continue
            phase.enter()
            torch.manual_seed(1000 * step + number)
            phase.optimizer.zero_grad()
            torch.stack(list(phase.loss(batch).values())).sum().backward()
            phase.optimizer.step()
    model.eval().requires_grad_(False)


def warm(case: Case, steps: int = 2) -> GeneratorAlone:
    """A generator after a few steps, because many start with last layers of zeros."""
    model = GeneratorAlone(case)
    train(model, phases_of(model), [case.batch(seed=step) for step in range(steps)])
    return model


def estimate(generator: Generator, query: Tensor, seed: int = 0) -> Tensor:
    """In eval mode, as a prediction is made."""
    torch.manual_seed(seed)
    with torch.inference_mode():
        reference: Tensor = generator.eval()(query)
    return reference
