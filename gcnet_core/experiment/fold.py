"""Train on all folds but one, measure that one, and write its run folder."""

import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.loader import plain_batches
from gcnet_core.data.pseudo_references import with_pseudo_references
from gcnet_core.data.splits import Split, split_samples
from gcnet_core.evaluation.evaluate import predict, with_true_reference
from gcnet_core.experiment.folder import SUMMARY, begin
from gcnet_core.experiment.init_from import init_from
from gcnet_core.experiment.measure import measure
from gcnet_core.files import write_text
from gcnet_core.interfaces import BuildContext, Loss, Model
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe, recipe_hash
from gcnet_core.storage import save_model, versions
from gcnet_core.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.state import restore_trainer, trainer_state
from gcnet_core.training.trainer import Trainer, seed_torch

METRICS = "metrics.jsonl"
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
        split = self._split(fold)
        context = BuildContext(self.registry, recipe.image, table.classes, table.class_counts(split.train))
        seed_torch(recipe.seed, self.device)
        model: Model = context.build(recipe.model).to(self.device)
        init_from(model, recipe.training.init_from)
        split = self._usable(split, model)
        context = replace(context, class_counts=table.class_counts(split.train))
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
        summary = {
            "recipe": recipe.name,
            "status": "smoke" if self.options.smoke else "done",
            "seed": recipe.seed,
            "fold": fold,
            "classes": list(table.classes),
            **measure(folder, model, table, split, recipe, fold),
            "split": {name: self._counts(getattr(split, name)) for name in ("train", "validation", "test")},
            "parameters": parameter_counts(model),
            "images_per_second": _images_per_second(folder / METRICS),
            "threads": torch.get_num_threads(),
            "device": str(self.device),
            "recipe_hash": recipe_hash(recipe),
            "versions": versions(),
        }
        summary["seconds"] = {**trainer.position.seconds, "total": before + time.monotonic() - started}
        write_text(folder / SUMMARY, json.dumps(summary, indent=2) + "\n")
        remove_checkpoint(folder)

    def _trainer(self, folder: Path, model: Model, losses: dict[str, Loss], split: Split) -> Trainer:
        saved_at = time.monotonic()
        metrics = folder / METRICS

        def on_epoch(line: dict[str, Any]) -> None:
            nonlocal saved_at
            with metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
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
        _keep_lines(metrics, trainer.position.total_epochs)  # lines after the checkpoint will be written again
        return trainer

    def _smoke_recipe(self) -> Recipe:
        training = self.recipe.training
        stages = {name: stage.model_copy(update={"epochs": 1}) for name, stage in training.stages.items()}
        return self.recipe.model_copy(update={"training": training.model_copy(update={"stages": stages})})

    def _split(self, fold: int) -> Split:
        split = split_samples(self.table.samples, self.recipe.split, self.recipe.seed, fold)
        labelled = (self.table.label != UNKNOWN).numpy()
        return Split(*(indices[labelled[indices]] for indices in (split.train, split.validation, split.test)))

    def _usable(self, split: Split, model: Model) -> Split:
        """Without samples that lack a reference which the model cannot do without."""
        if not model.uses_true_reference:
            return split
        usable = Split(
            *(with_true_reference(self.table, indices) for indices in (split.train, split.validation, split.test))
        )
        if not len(usable.train) or not len(usable.test):
            raise UserError("model.reference: no subject has another neutral picture that could be given as reference")
        return usable

    def _counts(self, indices: np.ndarray) -> dict[str, int]:
        return {"images": len(indices), "subjects": len({self.table.samples[row].subject for row in indices})}


def parameter_counts(model: Model) -> dict[str, int]:
    """Number of parameters of each part, and in all."""
    counts = {name: sum(weight.numel() for weight in part.parameters()) for name, part in model.named_children()}
    return {"total": sum(weight.numel() for weight in model.parameters()), **counts}


def _keep_lines(path: Path, count: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True) if path.is_file() else []
    write_text(path, "".join(lines[:count]))


def _images_per_second(metrics: Path) -> float | None:
    lines = [json.loads(line) for line in metrics.read_text(encoding="utf-8").splitlines()]
    seconds = sum(line["seconds"] for line in lines)
    return sum(line["images_per_second"] * line["seconds"] for line in lines) / seconds if seconds else None
