"""Read the folder of a run, and that of a comparison."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gcnet_core.plugin_api import UserError
from gcnet_core.runs.comparison import Comparison
from gcnet_core.runs.epochs import EpochLog
from gcnet_core.runs.files import (
    ANALYSIS,
    COMPARISON,
    METRICS,
    PICTURES,
    PREDICTIONS,
    RECIPE,
    SUMMARY,
    TRUE_REFERENCE_PREDICTIONS,
    existing,
    fold_folder,
    fold_folders,
    predictions_given,
)
from gcnet_core.runs.intact import check_intact, digest_of, is_there
from gcnet_core.runs.metrics import Given
from gcnet_core.runs.predictions import Predictions
from gcnet_core.runs.record import read_record, read_text
from gcnet_core.runs.summary import EpochMetrics, Summary

WITHOUT = "Copy it again from where it was whole, or take it away: the report is drawn without it"


class ResultFolder:
    """What a command left when it was done. Each of its files is read when it is first asked for.

    Args:
        folder: where it is.

    Raises:
        UserError: if the folder holds nothing finished, or, later, if a file is damaged.
    """

    holds: ClassVar[str]
    command: ClassVar[str]
    required_files: ClassVar[tuple[str, ...]]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in self.required_files:
            if not is_there(folder / name):
                raise UserError(
                    f"{folder}: no finished {self.holds} here; {name} is missing, which `{self.command}` writes"
                )


class Run(ResultFolder):
    """A finished run."""

    holds, command, required_files = "run", "gcnet run", (SUMMARY, RECIPE)

    def file(self, name: str) -> Path | None:
        """Where one of its files is, which is as it was written; None if it is missing.

        Raises:
            UserError: if it is damaged.
        """
        path = existing(self.folder, name)
        if not is_there(path):
            return None
        check_intact(path, self.summary.files.get(name), SUMMARY, WITHOUT)
        return path

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Files that it had when it was finished, and that are gone or say nothing."""
        summary = self.summary
        expected = [name for name in summary.files if name != RECIPE]
        if not expected:  # gcnet 0.5 and older did not record them
            expected = [PREDICTIONS] if summary.fold == "all" else [PREDICTIONS, METRICS, ANALYSIS]
        gone = [name for name in expected if not is_there(existing(self.folder, name))]
        if METRICS in expected and METRICS not in gone and self._trained and not self.epochs:
            gone.append(METRICS)
        folds = [fold_folder(self.folder, fold) / SUMMARY for fold in range(len(summary.folds))]
        return (*gone, *(path.relative_to(self.folder).as_posix() for path in folds if not is_there(path)))

    @property
    def _trained(self) -> bool:
        """Whether there were epochs, which a model that is only fitted has not."""
        return bool(self.summary.seconds.keys() - {"total"})

    @cached_property
    def edited(self) -> str | None:
        """That its recipe.yaml is another one than that of the training, in one sentence; None if it is the same.

        It is no fault: the data may lie elsewhere today, and who edits a recipe means it.
        """
        recorded = self.summary.files.get(RECIPE)
        if recorded is None or digest_of(self.folder / RECIPE) == recorded:
            return None
        return f"{RECIPE} was changed after the training; the model and the figures are those of the recipe as it was"

    def __repr__(self) -> str:
        test = self.summary.test
        return (
            f"<Run {self.summary.recipe}: accuracy {test.accuracy:.1%} of {test.images:,} test images, {self.folder}>"
        )

    @cached_property
    def summary(self) -> Summary:
        """Its figures."""
        return read_record(self.folder / SUMMARY, Summary)

    @cached_property
    def recipe_text(self) -> str:
        """The resolved recipe as it is written."""
        return read_text(self.folder / RECIPE)

    @cached_property
    def recipe(self) -> Mapping[str, Any]:
        """The resolved recipe as plain values, not validated."""
        from ruamel.yaml import YAML

        path = self.folder / RECIPE
        try:
            values = YAML(typ="safe", pure=True).load(self.recipe_text)
        except Exception as error:  # its tags and numbers raise many kinds
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"{path}: damaged, it is no recipe ({reason or type(error).__name__})") from error
        if not isinstance(values, dict):
            raise UserError(f"{path}: damaged, it is no recipe (expected a mapping of keys to values)")
        return values

    @cached_property
    def epochs(self) -> list[EpochMetrics]:
        """The course of training; none for a run over all folds."""
        path = self.file(METRICS)
        return EpochLog(path).read() if path else []

    @cached_property
    def predictions(self) -> Predictions:
        """For the test images."""
        path = self.file(PREDICTIONS)
        if path is None:
            raise UserError(f"{self.folder / PREDICTIONS}: no such file; copy it again from where the run was made")
        return self._predictions(path)

    @cached_property
    def true_reference_predictions(self) -> Predictions | None:
        """The same with a real reference in place of the generated one; None if nothing was measured so."""
        path = self.file(TRUE_REFERENCE_PREDICTIONS)
        return self._predictions(path) if path else None

    @cached_property
    def predictions_by_reference(self) -> dict[Given, Predictions]:
        """The same by what was given beside the query; without albums the two other files hold all of them."""
        return {given: self._predictions_given(given) for given in self.summary.by_reference}

    def _predictions_given(self, given: Given) -> Predictions:
        path = self.file(predictions_given(given))
        if path:
            return self._predictions(path)
        with_true_reference = self.true_reference_predictions if given == "true_neutral" else None
        return with_true_reference or self.predictions

    def _predictions(self, path: Path) -> Predictions:
        found = Predictions.read_csv(path)
        if not len(found):
            raise UserError(f"{path}: damaged, it holds no image")
        if found.classes != self.summary.classes:
            raise UserError(f"{path}: damaged, or of another run: it has other classes than {SUMMARY}")
        return found

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Features and pictures of the test images, by name; none for a run over all folds.

        Of many images they are of some: `kept` says of which, by their positions.
        """
        path = self.file(ANALYSIS)
        if path is None:
            return {}
        found, images = read_arrays(path), self.summary.test.images
        kept = len(found["kept"]) if "kept" in found else images
        short = [name for name in ("label", "features") if name not in found or len(found[name]) != kept]
        positions = [found[name] for name in ("kept", "grid.index", "album.index") if name in found]
        if short or any(rows.max(initial=0) >= images for rows in positions):
            raise UserError(f"{path}: damaged, or of another run: it does not hold the {images} test images. {WITHOUT}")
        return found

    @cached_property
    def folds(self) -> tuple["Run", ...]:
        """The runs of the single folds, in order; none for a run of one fold."""
        return tuple(Run(folder) for folder in fold_folders(self.folder))

    def array(self, name: str) -> np.ndarray | None:
        """One of the arrays, without reading the others; None if there is none of this name."""
        from safetensors import safe_open

        path = self.file(ANALYSIS)
        if path is None:
            return None
        with _damage_told(path), safe_open(path, "np") as file:
            return np.asarray(file.get_tensor(name)) if name in file.keys() else None  # noqa: SIM118 (it is no mapping)


class ComparisonFolder(ResultFolder):
    """The folder of a finished comparison."""

    holds, command, required_files = "comparison", "gcnet compare", (COMPARISON,)

    @cached_property
    def figures(self) -> Comparison:
        """All that was measured."""
        return read_record(self.folder / COMPARISON, Comparison)

    @cached_property
    def pictures(self) -> dict[str, np.ndarray]:
        """Images on which recipes disagree, by `query/NUMBER`, `reference/NUMBER`, `generated/RECIPE/NUMBER`."""
        path = self.folder / PICTURES
        if is_there(path):
            check_intact(path, self.figures.files.get(PICTURES), COMPARISON, WITHOUT)
        return read_arrays(path)

    @property
    def missing(self) -> tuple[str, ...]:
        """Files that are gone."""
        return () if is_there(self.folder / PICTURES) else (PICTURES,)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file by name; none if it does not exist."""
    from safetensors.numpy import load_file

    if not is_there(path):
        return {}
    with _damage_told(path):
        return load_file(path)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise UserError(f"{path}: damaged, or not written by gcnet ({error})") from error
