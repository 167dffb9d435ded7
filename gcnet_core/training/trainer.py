"""The trainer: stages, epochs, steps, phases. It reads in one go, owns its state, and knows no kind of part."""

import dataclasses
import logging
import time
from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Int
from torch import Tensor

from gcnet_core.data.faces import FaceTable
from gcnet_core.interfaces import Loss, Model
from gcnet_core.recipe.schema import Recipe, StageConfig
from gcnet_core.runs import EpochMetrics
from gcnet_core.training.batch_notes import batch_notes
from gcnet_core.training.compiler import compiled
from gcnet_core.training.copy_weights import check_copies, copy_weights
from gcnet_core.training.ema import MovingAverage
from gcnet_core.training.ledger import Ledger
from gcnet_core.training.modes import Modes
from gcnet_core.training.objective import Objective
from gcnet_core.training.optimizer_step import OptimizerStep
from gcnet_core.training.optimizers import rate_factor
from gcnet_core.training.phases import MAIN, stage_phases
from gcnet_core.training.position import Position
from gcnet_core.training.processes import ALONE, Processes
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.resources import lay_out
from gcnet_core.training.same_recipe import check_same_recipe, training_values
from gcnet_core.training.step_batches import StepBatches


class Trainer:
    """Runs the stages of a recipe on a model.

    Args:
        recipe: stages, optimiser, precision, seed, augmentation.
        model: the network, on its device.
        losses: by their names in the recipe.
        table: all faces.
        indices: samples that train.
        validate: measures a model's accuracy on validation subjects; None if there are none.
        steps_per_epoch: fewer steps than the data gives, for a smoke test.
        processes: that train together; each has a trainer, of the same model and samples.
    """

    def __init__(
        self,
        recipe: Recipe,
        model: Model,
        losses: Mapping[str, Loss],
        table: FaceTable,
        indices: Int[np.ndarray, "train"],
        validate: Callable[[Model], float] | None = None,
        steps_per_epoch: int | None = None,
        processes: Processes = ALONE,
    ) -> None:
        self.recipe, self.training = recipe, recipe.training
        self.model, self.losses, self.validate = model, losses, validate
        self.processes = processes
        self.batches = StepBatches(recipe, table, indices, model.device, steps_per_epoch, processes)
        for note in batch_notes(recipe, model, len(indices), processes):
            logging.getLogger("gcnet").warning(note)
        lay_out(model, self.batches.memory_format)
        self.stages = list(self.training.stages.items())
        for name, stage in self.stages:
            check_copies(model, stage.copy_weights, name)
        learning = chain(model.parameters(), *(loss.parameters() for loss in losses.values()))
        self.trainable = {weight for weight in learning if weight.requires_grad}
        self.optimizer_step = OptimizerStep(self.training, recipe.seed, model.device, processes)
        self.average = MovingAverage(model, self.training.ema) if self.training.ema else None
        self.best: dict[str, Tensor] | None = None
        self.position = Position()
        if self.stages:  # a model that is only fitted has none
            self.enter_stage(0)

    def state_dict(self) -> dict[str, Any]:
        """Everything that training has changed so far, at the end of an epoch.

        Random generators are not in it: each step seeds them by its key. As in PyTorch, the tensors are those of the
        trainer and not copies.
        """
        return {
            "recipe": training_values(self.recipe),
            "position": dataclasses.asdict(self.position),
            "model": self.model.state_dict(),
            "losses": {name: loss.state_dict() for name, loss in self.losses.items()},
            "average": None if self.average is None else self.average.state_dict(),
            "best": self.best,
            "optimizers": {phase.name: phase.optimizer.state_dict() for phase in self.phases},
            "scaler": self.optimizer_step.scaler.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where the trainer was that left this state; what follows is equal bit for bit.

        Args:
            state: from `state_dict`, of the same recipe.

        Raises:
            UserError: if it is of another recipe; nothing is changed then.
        """
        if "recipe" in state:  # gcnet 0.1 did not store it
            check_same_recipe(state["recipe"], training_values(self.recipe))
        self.position = Position(**state["position"])
        self.enter_stage(self.position.stage)
        self.model.load_state_dict(state["model"])
        for name, values in state.get("losses", {}).items():  # gcnet 0.2 did not store what losses learn
            self.losses[name].load_state_dict(values)
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.best = state["best"]
        for phase in self.phases:
            phase.optimizer.load_state_dict(state["optimizers"][phase.name])
        self.optimizer_step.scaler.load_state_dict(state["scaler"])

    def train(
        self, progress: TrainingProgress, on_epoch: Callable[[EpochMetrics], None] = lambda metrics: None
    ) -> Model:
        """Run all stages that are not done yet.

        Args:
            progress: told of every step.
            on_epoch: called with the metrics at the end of each epoch; the state can be saved then.

        Returns:
            The model with the weights to keep: last or best, averaged if the recipe asks for it.

        Raises:
            RunFailed: before a step that would make weights non-finite, or if the model cannot be compiled.
        """
        with compiled(self.model, self.training.compile), self.processes.sharing_cores():
            for index in range(self.position.stage, len(self.stages)):
                if index != self.position.stage:
                    self.enter_stage(index)
                name, stage = self.stages[index]
                if self.position.epoch == 0:
                    copy_weights(self.model, stage.copy_weights)
                while self.position.epoch < stage.epochs:
                    metrics = self._epoch(name, stage, progress)
                    progress.epoch(metrics)
                    on_epoch(metrics)
        self.model.load_state_dict(self.best or self.current().state_dict())
        return self.model.eval().requires_grad_(False)

    @property
    def total_steps(self) -> int:
        """Optimiser steps of all stages."""
        return len(self.batches) * sum(stage.epochs for _, stage in self.stages)

    @property
    def stage_done(self) -> bool:
        """Whether the running stage is at its end."""
        return self.position.epoch == self.stages[self.position.stage][1].epochs

    def enter_stage(self, index: int) -> None:
        """Make the phases of a stage, with new optimisers; another stage than the running one begins at its start."""
        if index != self.position.stage:
            self.position.stage, self.position.epoch = index, 0
        stage = self.stages[index][1]
        self.objective = Objective(self.model, self.losses, self.recipe.losses, stage.losses)
        counted = list(self.objective.losses.values())
        self.phases = stage_phases(
            self.model, counted, stage, self.objective, self.training.optimizer, self.trainable,
            self.objective.sample_count,
        )  # fmt: skip
        self.modes = Modes(self.phases)

    def current(self) -> Model:
        """The model whose weights count: the moving average if there is one."""
        return (self.model if self.average is None else self.average.module).eval()

    def _epoch(self, name: str, stage: StageConfig, progress: TrainingProgress) -> EpochMetrics:
        """One pass over the training samples."""
        started, images = time.monotonic(), 0
        ledger = Ledger()
        self.modes.forget()  # the last epoch ended with a measurement
        groups = self.batches.epoch(self.position.total_epochs)
        for step_of_stage, group in enumerate(groups, start=self.position.epoch * len(self.batches)):
            factor = rate_factor(step_of_stage, stage.epochs * len(self.batches), self.training.optimizer)
            for phase in self.phases:
                if self.position.step % phase.interval == 0:
                    phase.set_rate(factor)
                    self.modes.enter(phase)
                    ledger.add(
                        name, phase.name, self.position.step, self.optimizer_step(phase, group, self.position.step)
                    )
            if self.average is not None:
                self.average.update(self.model)
            self.position.step += 1
            images += self.processes.count * sum(len(batch) for batch in group)
            progress.step(self.position.step, name, ledger.means[MAIN].means(), images / (time.monotonic() - started))
        ledger.read()
        seconds = time.monotonic() - started
        self.position.end_epoch(name, seconds)
        return EpochMetrics(
            stage=name,
            epoch=self.position.epoch,
            epochs=stage.epochs,
            step=self.position.step,
            learning_rate={phase.name: phase.learning_rate for phase in self.phases},
            losses={phase: mean.means() for phase, mean in ledger.means.items()},
            train_accuracy=self.objective.take_accuracy(self.processes),
            validation_accuracy=self._validate(),
            images_per_second=images / seconds,
            seconds=seconds,
        )

    def _validate(self) -> float | None:
        """Accuracy on the validation subjects, where the stage classifies; the best weights are kept if asked for."""
        if self.validate is None or "logits" not in self.objective.required_outputs:
            return None
        accuracy = self.processes.from_first(self.validate(self.current()) if self.processes.is_first else None)
        if self.training.keep == "best" and accuracy > self.position.best_accuracy:
            self.position.best_accuracy = accuracy
            self.best = {name: value.detach().clone() for name, value in self.current().state_dict().items()}
        return accuracy
