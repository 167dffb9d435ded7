"""Records of a run: summary.json, the lines of metrics.jsonl, and what `gcnet evaluate` finds."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from gcnet_core.runs.by_column import ByColumn
from gcnet_core.runs.files import SUMMARY, recorded_files
from gcnet_core.runs.intact import digest_of
from gcnet_core.runs.metrics import Calibration, Measured, Metrics
from gcnet_core.runs.record import Interval, Record, write_record


class SplitCounts(Record):
    """Size of one part of a split."""

    images: int
    subjects: int


class RunIdentity(Record):
    """Which run it is.

    Args:
        recipe: its name.
        status: `done`, or `smoke` after a few steps, whose figures mean nothing.
        seed: of the recipe.
        fold: that was tested; `all` for a cross-validation.
        classes: expression names in the order of the logits.
    """

    recipe: str
    status: str
    seed: int
    fold: int | Literal["all"]
    classes: tuple[str, ...]


class Summary(Measured, RunIdentity):
    """summary.json: the figures of a run of one fold, or of all folds together.

    Args:
        validation: figures of validation subjects, of one fold.
        validation_calibration: of the same answers, to which the temperature was fitted.
        split: sizes of `train`, `validation` and `test`, of one fold.
        folds: accuracy of each fold, of a cross-validation.
        mean_of_folds: each fold weighing the same; `test` weighs each image.
        mean_of_folds_interval: over subjects.
        parameters: number by part, and `total`.
        images_per_second: of training.
        threads: of the CPU.
        device: name of the device.
        recipe_hash: of the resolved recipe.
        versions: of what the result depends on.
        parts: distribution and version of each part of the recipe, by `kind/name`.
        seconds: by stage, and `total`.
        processes: that trained together; rounding depends on their number.
        speed: what `training.speed: auto` picked; None where the recipe says it.
        notes: what was to be known of the data before their figures are believed.
        files: SHA-256 of each other file of the run, by name; none in runs of gcnet 0.5 and older.
    """

    validation: Metrics | None = None
    validation_calibration: Calibration | None = None
    split: dict[str, SplitCounts] | None = None
    folds: tuple[float, ...] = ()
    mean_of_folds: float | None = None
    mean_of_folds_interval: Interval | None = None
    parameters: dict[str, int]
    images_per_second: float | None = None
    threads: int
    device: str
    recipe_hash: str
    versions: dict[str, str]
    parts: dict[str, str] = Field(default_factory=dict)
    seconds: dict[str, float]
    processes: int = 1
    speed: dict[str, str | bool] | None = None
    notes: tuple[str, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)


def write_summary(folder: Path, summary: Summary) -> None:
    """Write summary.json, which ends a run: with the checksum of every file that is in its folder by now."""
    files = {path.name: digest_of(path) for path in recorded_files(folder)}
    write_record(folder / SUMMARY, summary.model_copy(update={"files": files}))


class Evaluated(Record):
    """What was evaluated.

    Args:
        recipe: name of the model's.
        data: name of the other data, or of the part of the run's own.
        images: how many were measured.
        skipped: of the other data, those without a class of the model, or without a reference that it needs.
        seen: of the other data, those that were left out because the model was trained on them, or on their people.
        same_crop: whether faces were cut out as those of the training.
        common: classes that images and model have in common.
    """

    recipe: str
    data: str
    images: int
    skipped: int
    seen: int = 0
    same_crop: bool
    common: tuple[str, ...]


class Evaluation(Measured, Evaluated):
    """What `gcnet evaluate` found.

    Args:
        by: figures by a column of the data, where one was asked for.
    """

    by: ByColumn | None = None


class EpochMetrics(Record):
    """A line of metrics.jsonl.

    Args:
        stage: of training.
        epoch: in this stage, from 1.
        epochs: of this stage.
        step: optimizer steps since the start.
        learning_rate: of each phase, at the end of the epoch.
        losses: means of the terms and their `total`, by phase.
        train_accuracy: None if the stage does not classify.
        validation_accuracy: None without validation subjects.
        images_per_second: in this epoch.
        seconds: of this epoch.
    """

    stage: str
    epoch: int
    epochs: int
    step: int
    learning_rate: dict[str, float]
    losses: dict[str, dict[str, float]]
    train_accuracy: float | None
    validation_accuracy: float | None
    images_per_second: float
    seconds: float
