"""The trainer: stages, epochs, steps, phases. It reads in one go and knows no kind of part."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Int
from torch import nn
from torch.optim.swa_utils import AveragedModel

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.loader import batch_count, check_first_batch, sampling_weights, training_batches
from gcnet_core.data.randomness import keyed_seed
from gcnet_core.interfaces import Batch, Loss, Model
from gcnet_core.recipe.schema import Recipe
from gcnet_core.training.copy_weights import check_copies, copy_weights
from gcnet_core.training.guard import check_finite, check_gradient
from gcnet_core.training.objective import Objective
from gcnet_core.training.optimizers import rate_factor
from gcnet_core.training.phases import MAIN, ActivePhase, stage_phases
from gcnet_core.training.progress import TrainingProgress

AUTOCAST = {"float32": None, "bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass
class Position:
    """Where training is, in numbers: what a checkpoint needs beside tensors.

    Args:
        stage: index of the running stage.
        epoch: epochs done in this stage.
        total_epochs: epochs done in all stages.
        step: optimiser steps done in all stages.
        seconds: spent in each stage, by name.
        best_accuracy: on validation subjects so far; -1 before the first measurement.
    """

    stage: int = 0
    epoch: int = 0
    total_epochs: int = 0
    step: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    best_accuracy: float = -1.0


class Trainer:
    """Runs the stages of a recipe on a model.

    Args:
        recipe: stages, optimiser, precision, seed, augmentation.
        model: the network, on its device.
        losses: by their names in the recipe.
        table: all faces.
        indices: samples that train.
        validate: measures a model's accuracy on validation subjects; None if there are none.
        on_epoch: called with the line of metrics at the end of each epoch.
        steps_per_epoch: fewer steps than the data gives, for a smoke test.
    """

    def __init__(
        self,
        recipe: Recipe,
        model: Model,
        losses: Mapping[str, Loss],
        table: FaceTable,
        indices: Int[np.ndarray, "train"],
        validate: Callable[[Model], float] | None = None,
        on_epoch: Callable[[dict[str, Any]], None] = lambda line: None,
        steps_per_epoch: int | None = None,
    ) -> None:
        self.recipe, self.training = recipe, recipe.training
        self.model, self.losses, self.table, self.indices = model, losses, table, indices
        self.validate, self.on_epoch = validate, on_epoch
        self.weights = sampling_weights(table, indices, balanced=self.training.sampler == "balanced")
        self.device = model.device
        self.memory_format = torch.channels_last if self.training.channels_last else torch.contiguous_format
        model.to(memory_format=self.memory_format)
        self.stages = list(self.training.stages.items())
        for name, stage in self.stages:
            check_copies(model, stage.copy_weights, name)
        batches = batch_count(len(indices), self.training.batch_size)
        self.steps_per_epoch = min(steps_per_epoch or batches, -(-batches // self.training.accumulate))
        self.trainable = {weight for weight in model.parameters() if weight.requires_grad}
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=self.training.precision == "fp16")
        self.average = AveragedModel(model, avg_fn=self._average, use_buffers=True) if self.training.ema else None
        self.position = Position()
        self.best: dict[str, torch.Tensor] | None = None
        self.phases: list[ActivePhase] = []

    def train(self, progress: TrainingProgress) -> Model:
        """Run all stages that are not done yet.

        Returns:
            The model with the weights to keep: last or best, averaged if the recipe asks for it.

        Raises:
            RunFailed: before a step that would make weights non-finite.
        """
        if self.training.compile:
            for part in self.model.children():
                part.compile()
        for index in range(self.position.stage, len(self.stages)):
            name, stage = self.stages[index]
            self.enter_stage(index)
            if self.position.epoch == 0:
                copy_weights(self.model, stage.copy_weights)
            for epoch in range(self.position.epoch, stage.epochs):
                line = self._epoch(name, epoch, progress)
                progress.epoch(line)
                self.on_epoch(line)
        self.model.load_state_dict(self.best or self.current().state_dict())
        return self.model.eval().requires_grad_(False)

    def enter_stage(self, index: int) -> None:
        """Make the phases of a stage; those of a stage in progress stay, with their optimisers."""
        if index == self.position.stage and self.phases:
            return
        if index != self.position.stage:
            self.position.stage, self.position.epoch = index, 0
        stage = self.stages[index][1]
        self.objective = Objective(self.model, self.losses, self.recipe.losses, stage.losses)
        self.phases = stage_phases(self.model, stage, self.objective, self.training.optimizer, self.trainable)

    def current(self) -> Model:
        """The model whose weights count: the moving average if there is one."""
        model = self.model if self.average is None else cast(Model, self.average.module)
        return model.eval()

    def _epoch(self, stage: str, epoch: int, progress: TrainingProgress) -> dict[str, Any]:
        config = self.training.stages[stage]
        started, images = time.monotonic(), 0
        sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        counts: dict[str, int] = defaultdict(int)
        rates = {phase.name: phase.optimizer.param_groups[0]["lr"] for phase in self.phases}
        for index, group in enumerate(self._groups()):
            factor = rate_factor(
                epoch * self.steps_per_epoch + index, config.epochs * self.steps_per_epoch, self.training.optimizer
            )
            for phase in self.phases:
                if self.position.step % phase.interval:
                    continue
                phase.set_rate(factor)
                rates[phase.name] = phase.optimizer.param_groups[0]["lr"]
                for name, value in self._step(stage, phase, group).items():
                    sums[phase.name][name] += value
                counts[phase.name] += 1
            if self.average is not None:
                self.average.update_parameters(self.model)
            self.position.step += 1
            images += sum(len(batch) for batch in group)
            means = {name: value / counts[MAIN] for name, value in sums[MAIN].items()}
            progress.step(self.position.step, stage, means, images / (time.monotonic() - started))
        self.position.epoch, self.position.total_epochs = epoch + 1, self.position.total_epochs + 1
        seconds = time.monotonic() - started
        self.position.seconds[stage] = self.position.seconds.get(stage, 0.0) + seconds
        return {
            "stage": stage,
            "epoch": epoch + 1,
            "epochs": config.epochs,
            "step": self.position.step,
            "learning_rate": rates,
            "losses": {
                phase: {name: value / counts[phase] for name, value in terms.items()} for phase, terms in sums.items()
            },
            "train_accuracy": self.objective.take_accuracy(),
            "validation_accuracy": self._validate(),
            "images_per_second": images / seconds,
            "seconds": seconds,
        }

    def _step(self, stage: str, phase: ActivePhase, group: list[Batch]) -> dict[str, float]:
        """One optimiser step of one phase over the batches of a group; returns the mean of each term, and the total."""
        phase.enter()
        phase.optimizer.zero_grad(set_to_none=True)
        size = sum(len(batch) for batch in group)
        means: dict[str, float] = defaultdict(float)
        for index, batch in enumerate(group):
            share = len(batch) / size
            seed_torch(keyed_seed(self.recipe.seed, phase.name, self.position.step, index), self.device)
            with self._autocast():
                terms = phase.loss(batch)
            check_finite(terms, stage, phase.name, self.position.step)
            total = torch.stack([value.float() for value in terms.values()]).sum()
            self.scaler.scale(total * share).backward()
            for name, value in (*terms.items(), ("total", total)):
                means[name] += share * float(value.detach())
        self.scaler.unscale_(phase.optimizer)
        norm = nn.utils.clip_grad_norm_(phase.parameters, self.training.clip_gradient or float("inf"))
        if not self.scaler.is_enabled():  # the scaler itself skips steps whose scaled gradient overflows
            check_gradient(norm, terms, stage, phase.name, self.position.step)
        self.scaler.step(phase.optimizer)
        self.scaler.update()
        return means

    def _groups(self) -> Iterator[list[Batch]]:
        """The batches of each step of this epoch, on the device."""
        seed, epoch, size = self.recipe.seed, self.position.total_epochs, self.training.batch_size
        batches = training_batches(self.table, self.indices, size, self.recipe.augment, seed, epoch, self.weights)
        for index in range(self.steps_per_epoch):
            group = [batch.to(self.device, self.memory_format) for batch in islice(batches, self.training.accumulate)]
            if index == 0:
                check_first_batch(group[0])
            yield group

    def _validate(self) -> float | None:
        if self.validate is None or "logits" not in self.objective.required_outputs:
            return None
        accuracy = self.validate(self.current())
        if self.training.keep == "best" and accuracy > self.position.best_accuracy:
            self.position.best_accuracy = accuracy
            self.best = {name: value.detach().clone() for name, value in self.current().state_dict().items()}
        return accuracy

    def _average(self, averaged: torch.Tensor, current: torch.Tensor, updates: torch.Tensor | int) -> torch.Tensor:
        assert self.training.ema is not None
        decay = min(self.training.ema, (1 + int(updates)) / (10 + int(updates)))  # early weights are soon forgotten
        return averaged * decay + current * (1 - decay)

    def _autocast(self) -> Any:
        kind = AUTOCAST[self.training.precision]
        return nullcontext() if kind is None else torch.autocast(self.device.type, dtype=kind)


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed the generators that a step may draw from; `torch.manual_seed` seeds all back ends and is 50 times slower."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
