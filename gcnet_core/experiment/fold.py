"""Train on all folds but one, measure that one, and write its run folder."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch

from gcnet_core.data.copies import without_copies
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.images import images_of, parts_of
from gcnet_core.data.loader import make_batch, plain_batches
from gcnet_core.data.pseudo_references import with_pseudo_references
from gcnet_core.data.splits import Split, split_samples
from gcnet_core.evaluation.calibration import fit_temperature
from gcnet_core.evaluation.measure import accuracy, measure
from gcnet_core.evaluation.temperature import write_temperature
from gcnet_core.experiment.data_record import check_as_begun
from gcnet_core.experiment.folder import begin
from gcnet_core.experiment.init_from import initial_model
from gcnet_core.experiment.options import Options
from gcnet_core.experiment.outputs import write_model, write_outputs
from gcnet_core.experiment.rehearsal import SAMPLES, rehearse
from gcnet_core.experiment.summary import fold_summary
from gcnet_core.inference.predict import predict
from gcnet_core.interfaces import Batch, BuildContext, Loss, Model
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe, recipe_hash
from gcnet_core.runs import EpochLog, EpochMetrics, Predictions, write_summary
from gcnet_core.runs.files import METRICS
from gcnet_core.runs.trained_on import Images, TrainedOn
from gcnet_core.storage import load_model
from gcnet_core.training.checkpoint import (
    CheckpointWriter,
    deserialized,
    load_checkpoint,
    remove_checkpoint,
    resume,
    serialized,
)
from gcnet_core.training.processes import ALONE, Processes
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.speed import Speed, chosen_speed
from gcnet_core.training.trainer import Trainer

SMOKE_STEPS = 2


@dataclass(frozen=True)
class FoldRun:
    """Trains on all folds but one and measures that one."""

    recipe: Recipe
    registry: Registry
    table: FaceTable
    device: torch.device
    options: Options
    notes: tuple[str, ...] = ()
    processes: Processes = ALONE

    def __call__(self, folder: Path, fold: int) -> None:
        """Run one fold into a folder; an unfinished run in it goes on from its checkpoint."""
        started = time.monotonic()
        speed = chosen_speed(self.recipe, self.device, load_checkpoint(folder) if self.options.resume else None)
        if speed is not None:
            what = f"training.speed: {speed}, whatever the recipe says of these three"
            self.options.console.print(what, highlight=False)
        self.processes.from_first((fold, speed))  # the others come to `help`
        split, notes = self._without_copies(self._usable(self._split(fold)))
        recipe = self.recipe.of_trial(self.recipe.seed, fold)
        trained_on = TrainedOn(self.images, parts_of(split, len(self.table)), recipe_hash(recipe), self.options.smoke)
        if self.options.resume and (note := check_as_begun(folder, trained_on, self.table.samples)):
            self._note(note)
            notes = (*notes, note)
        context = self._context(split)
        model = initial_model(self.recipe, context, self.device)
        losses = self._build_losses(context)
        trainer = self._trainer(model, losses, split, speed)
        rehearse(trainer.recipe, model, losses, self._few(split.train))
        begin(folder, recipe, trained_on)
        if self.options.resume:
            resume(trainer, folder)
        self._start_together(trainer)
        earlier = sum(trainer.position.seconds.values())  # in sessions that were killed
        model = self._train(trainer, folder)
        self._fit(model, split)
        write_model(folder, model, self.recipe, context)
        model = load_model(folder, self.registry, self.device).model  # what is measured is what is given away
        validation = self._answers(model, split.validation, fold)
        temperature = fit_temperature(validation) if validation else 1.0
        measured = measure(model, self.table, split.test, split.train, self.recipe, fold, temperature)
        if validation:
            write_temperature(folder, temperature, validation, measured.result.predictions)
        write_outputs(folder, measured, model, self.table, self.recipe.report.grid)
        summary = fold_summary(
            folder, self.recipe, model, self.table, split, fold, measured, validation, self.device,
            self.registry, smoke=self.options.smoke,
        )  # fmt: skip
        seconds = {**trainer.position.seconds, "total": earlier + time.monotonic() - started}
        how = {"speed": asdict(speed) if speed else None, "processes": self.processes.count}
        write_summary(folder, summary.model_copy(update={"seconds": seconds, "notes": notes, **how}))
        remove_checkpoint(folder)

    def help(self, fold: int, speed: Speed | None) -> None:
        """Train one fold together with the process that writes its folder, and with the speed that it picked."""
        split, _ = self._without_copies(self._usable(self._split(fold)))
        context = self._context(split)
        model, losses = initial_model(self.recipe, context, self.device), self._build_losses(context)
        trainer = self._trainer(model, losses, split, speed)
        rehearse(trainer.recipe, model, losses, self._few(split.train))
        self._start_together(trainer)
        trainer.train(TrainingProgress(trainer.total_steps, self.options.console))

    def _start_together(self, trainer: Trainer) -> None:
        """Have all processes begin where the first one is: at the start, or where the run was resumed."""
        if not trainer.stages or self.processes.count == 1:
            return
        state = self.processes.from_first(serialized(trainer.state_dict()) if self.processes.is_first else None)
        trainer.load_state_dict(deserialized(state))

    @cached_property
    def images(self) -> Images:
        """What is in the data, the same for all folds."""
        return images_of(self.table)

    def _split(self, fold: int) -> Split:
        """The labelled samples of each part."""
        split = split_samples(self.table.samples, self.recipe.split, self.recipe.seed, fold)
        return _each_part(split, self.table.labelled)

    def _usable(self, split: Split) -> Split:
        """Without samples that lack a reference which the model needs, or an album that the recipe wants."""
        split = _each_part(split, self.table.with_album)
        if not len(split.train) or not len(split.test):
            wanted = self.recipe.album.smallest
            raise UserError(f"album.missing: nobody is left who has {wanted} pictures for an album; use `keep`")
        if not self.recipe.model.config.needs_true_reference():
            return split
        usable = _each_part(split, self.table.with_true_reference)
        if not len(usable.train) or not len(usable.test):
            raise UserError("model.reference: no subject has another neutral picture that could be given as reference")
        return usable

    def _without_copies(self, split: Split) -> tuple[Split, tuple[str, ...]]:
        """The split as the recipe wants it, and all notes of this fold."""
        if self.recipe.split.copies == "keep":
            return split, self.notes
        split, left_out = without_copies(self.table, split)
        self._note(str(left_out))
        return split, (*self.notes, str(left_out))

    def _note(self, text: str) -> None:
        self.options.console.print(f"note: {text}", style="yellow", highlight=False)

    def _context(self, split: Split) -> BuildContext:
        table = self.table
        return BuildContext(self.registry, self.recipe.image, table.classes, table.class_counts(split.train))

    def _build_losses(self, context: BuildContext) -> dict[str, Loss]:
        return {name: context.build(part).to(self.device) for name, part in self.recipe.losses.items()}

    def _few(self, indices: np.ndarray) -> Batch:
        """Some samples that are far apart."""
        chosen = indices[np.linspace(0, len(indices) - 1, min(SAMPLES, len(indices))).astype(int)]
        return make_batch(self.table, chosen).to(self.device)

    def _trainer(self, model: Model, losses: dict[str, Loss], split: Split, speed: Speed | None = None) -> Trainer:
        smoke = self.options.smoke
        recipe = self._smoke_recipe() if smoke else self.recipe
        return Trainer(
            speed.applied(recipe) if speed else recipe,
            model,
            losses,
            with_pseudo_references(self.table, split.train, self.recipe.missing_references, self.recipe.seed),
            split.train,
            partial(self._accuracy, split.validation) if len(split.validation) else None,
            SMOKE_STEPS if smoke else None,
            self.processes,
        )

    def new_trainer(self, fold: int) -> Trainer:
        """A trainer at its start, as a run of one fold has it."""
        split, _ = self._without_copies(self._usable(self._split(fold)))
        context = self._context(split)
        return self._trainer(initial_model(self.recipe, context, self.device), self._build_losses(context), split)

    def _answers(self, model: Model, indices: np.ndarray, fold: int) -> Predictions | None:
        """Answers to some samples as the recipe asks at test; None if there are no samples."""
        if not len(indices):
            return None
        config = self.recipe.evaluation
        answers = predict(model, self.table, indices, batch_size=config.batch_size, flip=config.flip, fold=fold)
        return answers.predictions

    def _accuracy(self, indices: np.ndarray, model: Model) -> float:
        return accuracy(model, self.table, indices, self.recipe.evaluation.batch_size)

    def _train(self, trainer: Trainer, folder: Path) -> Model:
        """Train to the end, with a line of metrics for each epoch, and checkpoints."""
        log = EpochLog(folder / METRICS)
        log.truncate(trainer.position.total_epochs)
        checkpoints = CheckpointWriter(folder, self.recipe.training.checkpoint_minutes)

        def on_epoch(metrics: EpochMetrics) -> None:
            log.append(metrics)
            checkpoints.end_epoch(trainer)

        with checkpoints, TrainingProgress(trainer.total_steps, self.options.console) as progress:
            return trainer.train(progress, on_epoch)

    def _fit(self, model: Model, split: Split) -> None:
        """Let the model learn from all training samples what it does not learn by steps."""
        table = self.table
        if table.albums is not None:  # what is asked at test, labels among it, must not choose what is learned from
            table = replace(table, albums=table.albums.as_in_training())
        with torch.inference_mode():
            batches = plain_batches(table, split.train, self.recipe.evaluation.batch_size)
            model.fit(batch.to(self.device) for batch in batches)

    def _smoke_recipe(self) -> Recipe:
        training = self.recipe.training
        stages = {name: stage.model_copy(update={"epochs": 1}) for name, stage in training.stages.items()}
        return self.recipe.model_copy(update={"training": training.model_copy(update={"stages": stages})})


def _each_part(split: Split, choose: Callable[[np.ndarray], np.ndarray]) -> Split:
    return Split(*(choose(indices) for indices in (split.train, split.validation, split.test)))
