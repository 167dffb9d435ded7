"""Phases: which parameters move, by which optimiser, under which objective. No kind of part is known here."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Loss, Model, Phase, Terms
from gcnet_core.plugin_api import PluginError, UserError
from gcnet_core.recipe.schema import OptimizerConfig, StageConfig
from gcnet_core.training.optimizers import make_optimizer

MAIN = "main"
"""Name of the phase in which the losses of the recipe are minimised."""


SampleCount = Callable[[Batch, str], float | Tensor]
"""How many samples of a batch a term is the mean over."""


def every_sample(batch: Batch, term: str) -> float:
    """The count of a term that applies to all samples."""
    return float(len(batch))


@dataclass
class ActivePhase:
    """A phase of the running stage.

    Args:
        name: `main`, or as its part declared it.
        everything: the whole network, and the losses.
        modules: those in training mode during the phase.
        resting: modules within them that stay in evaluation mode, because another phase trains them.
        parameters: those that move.
        loss: the named terms, whose sum is minimised.
        sample_count: how many samples of a batch a term is the mean over.
        optimizer: of these parameters alone.
        interval: the phase runs on every `interval`-th step.
        peak_rates: peak learning rate of each of the optimiser's groups.
        terms: names of those that any of several processes had so far.
    """

    name: str
    everything: Sequence[nn.Module]
    modules: Sequence[nn.Module]
    resting: Sequence[nn.Module]
    parameters: list[nn.Parameter]
    loss: Callable[[Batch], Terms]
    sample_count: SampleCount
    optimizer: torch.optim.Optimizer
    interval: int
    peak_rates: list[float]
    terms: list[str] = field(default_factory=list)

    def enter(self) -> None:
        """Freeze everything, weights and statistics, then free what this phase moves."""
        for module in self.everything:
            module.eval().requires_grad_(False)
        self.everything[0].training = True  # of the model itself: which of its parts train, each says for itself
        for module in self.modules:
            module.train()
        for module in self.resting:
            module.eval()
        for parameter in self.parameters:
            parameter.requires_grad_(True)

    @property
    def learning_rate(self) -> float:
        """The rate of the last step."""
        return float(self.optimizer.param_groups[0]["lr"])

    def set_rate(self, factor: float) -> None:
        """Set the learning rates to a share of their peaks."""
        for group, peak in zip(self.optimizer.param_groups, self.peak_rates, strict=True):
            group["lr"] = peak * factor


def stage_phases(
    model: Model,
    losses: Sequence[Loss],
    stage: StageConfig,
    objective: Callable[[Batch], Terms],
    optimizer: OptimizerConfig,
    trainable: AbstractSet[nn.Parameter],
    sample_count: SampleCount = every_sample,
) -> list[ActivePhase]:
    """The main phase of a stage, then those phases that its trained parts declare.

    Args:
        model: whose direct children are the parts.
        losses: that count in this stage; what they learn moves in the main phase.
        stage: what trains, under which losses.
        objective: of the main phase.
        optimizer: of the recipe; a phase may override rate and betas.
        trainable: parameters that their parts did not freeze for good.
        sample_count: of the terms of the main phase.

    Raises:
        PluginError: if two phases have one name, or both move the same weight.
        UserError: if nothing that trains has weights.
    """
    trained = _trained_parts(model, stage)
    own = set(_parameters(trained))
    every = model.phases()
    check_distinct(every)
    declared = [phase for phase in every if own.issuperset(_parameters(phase.modules))]
    modules_of_declared = [module for phase in declared for module in phase.modules]
    free_for_main = trainable - set(_parameters(modules_of_declared))
    rate = stage.learning_rate or optimizer.learning_rate

    everything, learning = (model, *losses), (*trained, *losses)

    def activate(
        phase: Phase, resting: Sequence[nn.Module], free: AbstractSet[nn.Parameter], count: SampleCount
    ) -> ActivePhase:
        moved = [weight for weight in _parameters(phase.modules) if weight in free]
        if not moved:
            trains = "all parts" if stage.train == "all" else ", ".join(stage.train)
            raise UserError(
                f"training.stages: the phase {phase.name} of the stage that trains {trains} moves no weights"
            )
        own_optimizer = make_optimizer(moved, optimizer, phase.learning_rate or rate, phase.betas)
        peaks = [group["lr"] for group in own_optimizer.param_groups]
        return ActivePhase(
            phase.name, everything, phase.modules, resting, moved, phase.loss, count, own_optimizer, phase.interval,
            peaks,
        )  # fmt: skip

    phases = [activate(Phase(MAIN, learning, objective), modules_of_declared, free_for_main, sample_count)]
    for phase in declared:
        phases.append(activate(phase, (), trainable, _count_of(phase)))
    return phases


def _count_of(phase: Phase) -> SampleCount:
    """The count of every term of a declared phase."""
    count = phase.sample_count
    return every_sample if count is None else lambda batch, term: count(batch)


def check_distinct(phases: Sequence[Phase]) -> None:
    """See that each phase has a name of its own and weights of its own.

    Raises:
        PluginError: naming them.
    """
    names: set[str] = set()
    owners: dict[nn.Parameter, str] = {}
    for phase in phases:
        if phase.name == MAIN:
            raise PluginError(
                f"a part declares a phase called {MAIN}, which is the trainer's own; give it another name"
            )
        if phase.name in names:
            raise PluginError(f"two phases are called {phase.name}; each that a part declares needs its own name")
        names.add(phase.name)
        weights = _parameters(phase.modules)
        if not weights:
            raise PluginError(f"the phase {phase.name} moves no weights; name the modules that it trains")
        for weight in weights:
            if owners.setdefault(weight, phase.name) != phase.name:
                raise PluginError(f"the phases {owners[weight]} and {phase.name} move the same weights; share none")


def _trained_parts(model: Model, stage: StageConfig) -> list[nn.Module]:
    parts = dict(model.named_children())
    names = parts if stage.train == "all" else stage.train
    return [parts[name] for name in names if name in parts]


def _parameters(modules: Sequence[nn.Module]) -> list[nn.Parameter]:
    """All parameters of some modules, each once."""
    return list(dict.fromkeys(weight for module in modules for weight in module.parameters()))
