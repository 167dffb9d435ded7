"""Train on all folds but one, measure that one, and write its run folder."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from gcnet_core.data.faces import FaceTable
from gcnet_core.data.loader import plain_batches
from gcnet_core.data.pseudo_references import with_pseudo_references
from gcnet_core.data.splits import Split, split_samples
from gcnet_core.evaluation.measure import measure, recognition
from gcnet_core.experiment.folder import begin
from gcnet_core.experiment.init_from import init_from
from gcnet_core.experiment.outputs import write_outputs
from gcnet_core.inference import predict
from gcnet_core.interfaces import BuildContext, Loss, Model
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe, recipe_hash
from gcnet_core.runs import EpochLog, EpochMetrics, SplitCounts, Summary, write_record
from gcnet_core.runs.files import METRICS, SUMMARY
from gcnet_core.storage import save_model, versions
from gcnet_core.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.state import restore_trainer, trainer_state
from gcnet_core.training.trainer import Trainer, seed_torch

SMOKE_STEPS = 2


@dataclass(frozen=True)
class Options:
    """How to run a recipe, as opposed to what it says.

    Args:
        output: the run folder; default: a new one below `runs/`.
        resume: go on with an unfinished run.
        device: name of the device; default: the best one.
        threads: CPU threads; default: as the recipe says.
        smoke: a few steps of each stage, to see that everything works.
        console: where progress goes.
    """

    output: Path | None = None
    resume: bool = False
    device: str | None = None
    threads: int | None = None
    smoke: bool = False
    console: Console = field(default_factory=Console)


@dataclass(frozen=True)
class FoldRun:
    """Trains on all folds but one and measures that one."""

    recipe: Recipe
    registry: Registry
    table: FaceTable
    device: torch.device
    options: Options

    def __call__(self, folder: Path, fold: int) -> None:
        """Run one fold into a folder; an unfinished run in it goes on from its checkpoint."""
        recipe, table, started = self.recipe, self.table, time.monotonic()
        split = self._usable(self._split(fold))
        context = BuildContext(self.registry, recipe.image, table.classes, table.class_counts(split.train))
        seed_torch(recipe.seed, self.device)
        model: Model = context.build(recipe.model).to(self.device)
        init_from(model, recipe.training.init_from)
        losses: dict[str, Loss] = {name: context.build(part).to(self.device) for name, part in recipe.losses.items()}
        begin(folder, recipe.model_copy(update={"split": recipe.split.model_copy(update={"fold": fold})}))
        trainer = self._trainer(folder, model, losses, split)
        before = sum(trainer.position.seconds.values())  # in sessions that were killed
        steps = trainer.steps_per_epoch * sum(stage.epochs for _, stage in trainer.stages)
        with TrainingProgress(steps, self.options.console) as progress:
            model = trainer.train(progress)
        with torch.inference_mode():
            batches = plain_batches(table, split.train, recipe.evaluation.batch_size)
            model.fit(batch.to(self.device) for batch in batches)
        facts = {"recipe": recipe.name, "recipe_hash": recipe_hash(recipe), "preparation": recipe.preparation()}
        save_model(folder, model, recipe.model, context, facts)
        measured = measure(model, table, split.test, split.train, recipe, fold)
        write_outputs(folder, measured, table, recipe.report.grid)
        summary = Summary(
            recipe=recipe.name,
            status="smoke" if self.options.smoke else "done",
            seed=recipe.seed,
            fold=fold,
            classes=table.classes,
            test=measured.test,
            true_reference=measured.true_reference,
            generator=measured.generator,
            validation=recognition(model, table, split.validation, recipe, fold) if len(split.validation) else None,
            split={name: self._counts(getattr(split, name)) for name in ("train", "validation", "test")},
            parameters=parameter_counts(model),
            images_per_second=EpochLog(folder / METRICS).images_per_second(),
            threads=torch.get_num_threads(),
            device=str(self.device),
            recipe_hash=recipe_hash(recipe),
            versions=versions(),
            seconds={**trainer.position.seconds, "total": before + time.monotonic() - started},
        )
        write_record(folder / SUMMARY, summary)
        remove_checkpoint(folder)

    def _trainer(self, folder: Path, model: Model, losses: dict[str, Loss], split: Split) -> Trainer:
        saved_at = time.monotonic()
        log = EpochLog(folder / METRICS)

        def on_epoch(line: dict[str, Any]) -> None:
            nonlocal saved_at
            log.append(EpochMetrics.model_validate(line))
            stage_done = line["epoch"] == line["epochs"]
            if stage_done or time.monotonic() - saved_at >= 60 * self.recipe.training.checkpoint_minutes:
                save_checkpoint(folder, trainer_state(trainer))
                saved_at = time.monotonic()

        def validate(current: Model) -> float:
            size = self.recipe.evaluation.batch_size
            return float(predict(current, self.table, split.validation, batch_size=size).predictions.correct.mean())

        trainer = Trainer(
            self._smoke_recipe() if self.options.smoke else self.recipe,
            model,
            losses,
            with_pseudo_references(self.table, split.train, self.recipe.missing_references, self.recipe.seed),
            split.train,
            validate if len(split.validation) else None,
            on_epoch,
            SMOKE_STEPS if self.options.smoke else None,
        )
        state = load_checkpoint(folder) if self.options.resume else None
        if state:
            restore_trainer(trainer, state)
        log.truncate(trainer.position.total_epochs)
        return trainer

    def _smoke_recipe(self) -> Recipe:
        training = self.recipe.training
        stages = {name: stage.model_copy(update={"epochs": 1}) for name, stage in training.stages.items()}
        return self.recipe.model_copy(update={"training": training.model_copy(update={"stages": stages})})

    def _split(self, fold: int) -> Split:
        split = split_samples(self.table.samples, self.recipe.split, self.recipe.seed, fold)
        return _each_part(split, self.table.labelled)

    def _usable(self, split: Split) -> Split:
        """Without samples that lack a reference which the model cannot do without."""
        if not self.recipe.model.config.needs_true_reference():
            return split
        usable = _each_part(split, self.table.with_true_reference)
        if not len(usable.train) or not len(usable.test):
            raise UserError("model.reference: no subject has another neutral picture that could be given as reference")
        return usable

    def _counts(self, indices: np.ndarray) -> SplitCounts:
        subjects = {self.table.samples[row].subject for row in indices}
        return SplitCounts(images=len(indices), subjects=len(subjects))


def _each_part(split: Split, choose: Callable[[np.ndarray], np.ndarray]) -> Split:
    return Split(*(choose(indices) for indices in (split.train, split.validation, split.test)))


def parameter_counts(model: Model) -> dict[str, int]:
    """Number of parameters of each part, and in all."""
    counts = {name: sum(weight.numel() for weight in part.parameters()) for name, part in model.named_children()}
    return {"total": sum(weight.numel() for weight in model.parameters()), **counts}
