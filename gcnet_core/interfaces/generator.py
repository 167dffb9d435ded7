"""Generator: estimates the neutral reference, brings loss terms and training phases of its own."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from gcnet_core.interfaces.batch import Batch, Output, ReferencePairs, Terms
from gcnet_core.interfaces.component import Component
from gcnet_core.plugin_api import PluginError
from gcnet_core.plugin_api.options import refuse_old_members

OLD_MEMBERS = {"estimate": "training_step", "terms": "extra_losses", "respond": "forward"}


@dataclass(frozen=True)
class Estimate:
    """A generator's answer during training.

    Args:
        reference: the estimated reference, in [0, 1].
        extra_losses: loss terms of the generator's own (KL, adversarial, noise prediction), already weighted.
    """

    reference: Float[Tensor, "batch channel height width"]
    extra_losses: Terms = field(default_factory=dict)


@dataclass(frozen=True)
class Phase:
    """A training step with parameters, an optimiser and an objective of its own (e.g. a discriminator's).

    Args:
        name: shown in progress, metrics and errors.
        modules: whose parameters this phase moves, and no other phase does.
        loss: computes named terms, whose sum is minimised; a phase of a generator sees `ReferencePairs`, one of a model
            the whole `Batch`.
        interval: the phase runs on every `interval`-th step.
        learning_rate: of this phase's optimiser; None takes the recipe's.
        betas: of Adam; None takes the recipe's.
        sample_count: how many samples the terms are means over, of what `loss` sees; None: all of them.

    Raises:
        ValueError: for a name that is empty, an interval below 1, or a rate that is not positive.
    """

    name: str
    modules: Sequence[nn.Module]
    loss: Callable[[Any], Terms]
    interval: int = 1
    learning_rate: float | None = None
    betas: tuple[float, float] | None = None
    sample_count: Callable[[Any], float | Tensor] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ValueError(f"a phase is called {self.name!r}; it needs a name")
        if isinstance(self.interval, bool) or not isinstance(self.interval, int) or self.interval < 1:
            raise ValueError(f"interval of the phase {self.name} is {self.interval!r}; it must be 1 or more steps")
        if self.learning_rate is not None and not self.learning_rate > 0:
            raise ValueError(f"learning_rate of the phase {self.name} is {self.learning_rate}; it must be above 0")


class Generator(Component):
    """Estimates the neutral face of the person in the query.

    Only `forward` must be written. It uses `torch`'s default random generator where it draws numbers; the trainer
    seeds it before every phase of every step.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        refuse_old_members(cls, OLD_MEMBERS)
        refuse_old_members(cls, {"predict": "forward"}, since="0.3")

    @abstractmethod
    def forward(
        self, query: Float[Tensor, "batch channel height width"]
    ) -> Float[Tensor, "batch channel height width"]:
        """Estimate the reference.

        Args:
            query: faces in [0, 1].

        Returns:
            The neutral face of each person, in [0, 1]; in eval mode each estimate is independent of the other
            samples of the batch.
        """

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        """The estimate together with the generator's own loss terms; called while the generator is trained.

        Terms that compare with `pairs.reference` must be masked by `pairs.has_reference`.
        """
        return Estimate(self(pairs.query))

    def extra_losses(self, pairs: ReferencePairs) -> Terms:
        """The generator's own loss terms where nobody needs the estimate; worth writing if that is much cheaper."""
        return self.training_step(pairs).extra_losses

    def sample_count(self, pairs: ReferencePairs, term: str) -> float | Tensor:
        """How many samples of a batch an own term is the mean over: all, if not overridden.

        By it several accumulated batches have the loss and the gradient of one large batch.

        Args:
            pairs: as `training_step` sees them.
            term: a name among the `extra_losses`.
        """
        return float(len(pairs))

    def phases(self) -> Sequence[Phase]:
        """Phases beside the main one, in which the generator's other parameters move."""
        return ()

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile the forward pass, and the estimate of training too, which does not go through it."""
        super().compile(*args, **kwargs)
        self.training_step = torch.compile(self.training_step, *args, **kwargs)  # type: ignore[method-assign]


def generator_output(generator: Generator | None, batch: Batch, *, with_reference: bool) -> Output:
    """What a model begins its output with: the estimate where it is needed, and in training the own loss terms.

    A generator is shown pictures alone: at test time the query, in training the true reference too. So no label can
    reach what it draws.

    Args:
        generator: of the model; None if it has none.
        batch: faces in [0, 1].
        with_reference: whether the estimate is needed.

    Raises:
        PluginError: if `training_step` returns something else than an `Estimate`.
    """
    if generator is None:
        return Output()
    if not generator.training:
        return Output(reference=generator(batch.query)) if with_reference else Output()
    pairs = batch.reference_pairs()
    if not with_reference:
        return Output(extra_losses=generator.extra_losses(pairs))
    estimate = generator.training_step(pairs)
    if not isinstance(estimate, Estimate):
        raise PluginError(
            f"{_name(generator)}: training_step returned a {type(estimate).__name__}; expected an Estimate"
        )
    return Output(reference=estimate.reference, extra_losses=estimate.extra_losses)


def generator_phases(generator: Generator | None) -> list[Phase]:
    """The phases of a model's generator, none if it has none; like the generator itself they are shown pictures alone.

    Args:
        generator: of the model.

    Raises:
        PluginError: if it declares something else than phases; when called, if a loss returns no named scalars.
    """
    if generator is None:
        return []
    phases: object = generator.phases()
    if not isinstance(phases, Sequence) or not all(isinstance(phase, Phase) for phase in phases):
        raise PluginError(f"{_name(generator)}: phases returned {phases!r:.80}; expected a sequence of Phase")
    return [
        replace(
            phase,
            loss=partial(_on_pairs, generator, phase),
            sample_count=partial(_count_of_pairs, phase) if phase.sample_count else None,
        )
        for phase in phases
    ]


def generator_count(generator: Generator | None, batch: Batch, term: str) -> float | Tensor:
    """What a model with a generator answers as `sample_count`: the generator's own count of its own term.

    Args:
        generator: of the model; None if it has none.
        batch: faces in [0, 1].
        term: a name among the `extra_losses`.
    """
    return float(len(batch)) if generator is None else generator.sample_count(batch.reference_pairs(), term)


def _count_of_pairs(phase: Phase, batch: Batch) -> float | Tensor:
    assert phase.sample_count is not None
    return phase.sample_count(batch.reference_pairs())


def _on_pairs(generator: Generator, phase: Phase, batch: Batch) -> Terms:
    terms: object = phase.loss(batch.reference_pairs())
    if not isinstance(terms, dict) or not all(
        isinstance(value, Tensor) and not value.dim() for value in terms.values()
    ):
        told = f"the loss of its phase {phase.name} returned {terms!r:.80}"
        raise PluginError(f"{_name(generator)}: {told}; expected a dict of named scalar tensors")
    return terms


def _name(generator: Generator) -> str:
    return generator.origin or type(generator).__name__
