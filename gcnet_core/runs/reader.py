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
    fold_folders,
    predictions_given,
)
from gcnet_core.runs.metrics import Given
from gcnet_core.runs.predictions import Predictions
from gcnet_core.runs.record import read_record
from gcnet_core.runs.summary import EpochMetrics, Summary


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
            if not (folder / name).is_file():
                raise UserError(
                    f"{folder}: no finished {self.holds} here; {name} is missing, which `{self.command}` writes"
                )


class Run(ResultFolder):
    """A finished run."""

    holds, command, required_files = "run", "gcnet run", (SUMMARY, RECIPE)

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
        return (self.folder / RECIPE).read_text(encoding="utf-8")

    @cached_property
    def recipe(self) -> Mapping[str, Any]:
        """The resolved recipe as plain values, not validated."""
        from ruamel.yaml import YAML

        return YAML(typ="safe", pure=True).load(self.recipe_text) or {}

    @cached_property
    def epochs(self) -> list[EpochMetrics]:
        """The course of training; none for a run over all folds."""
        return EpochLog(self.folder / METRICS).read()

    @cached_property
    def predictions(self) -> Predictions:
        """For the test images."""
        path = self.folder / PREDICTIONS
        found = Predictions.read_csv(path)
        if not len(found):
            raise UserError(f"{path}: damaged, it holds no image")
        return found

    @cached_property
    def true_reference_predictions(self) -> Predictions | None:
        """The same with a real reference in place of the generated one; None if nothing was measured so."""
        path = existing(self.folder, TRUE_REFERENCE_PREDICTIONS)
        return Predictions.read_csv(path) if path.is_file() else None

    @cached_property
    def predictions_by_reference(self) -> dict[Given, Predictions]:
        """The same by what was given beside the query; without albums the two other files hold all of them."""
        return {given: self._predictions_given(given) for given in self.summary.by_reference}

    def _predictions_given(self, given: Given) -> Predictions:
        path = self.folder / predictions_given(given)
        if path.is_file():
            return Predictions.read_csv(path)
        with_true_reference = self.true_reference_predictions if given == "true_neutral" else None
        return with_true_reference or self.predictions

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Features and pictures of the test images, by name; none for a run over all folds."""
        return read_arrays(self.folder / ANALYSIS)

    @cached_property
    def folds(self) -> tuple["Run", ...]:
        """The runs of the single folds, in order; none for a run of one fold."""
        return tuple(Run(folder) for folder in fold_folders(self.folder))

    def array(self, name: str) -> np.ndarray | None:
        """One of the arrays, without reading the others; None if there is none of this name."""
        from safetensors import safe_open

        path = self.folder / ANALYSIS
        if not path.is_file():
            return None
        with _damage_told(path), safe_open(path, "np") as file:
            return np.asarray(file.get_tensor(name)) if name in file.keys() else None  # noqa: SIM118 (it is no mapping)


class ComparisonFolder(ResultFolder):
    """The folder of a finished comparison."""

    holds, command, required_files = "comparison", "gcnet compare", (COMPARISON, PICTURES)

    @cached_property
    def figures(self) -> Comparison:
        """All that was measured."""
        return read_record(self.folder / COMPARISON, Comparison)

    @cached_property
    def pictures(self) -> dict[str, np.ndarray]:
        """Images on which recipes disagree, by `query/NUMBER`, `reference/NUMBER`, `generated/RECIPE/NUMBER`."""
        return read_arrays(self.folder / PICTURES)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file by name; none if it does not exist."""
    from safetensors.numpy import load_file

    if not path.is_file():
        return {}
    with _damage_told(path):
        return load_file(path)


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except SafetensorError as error:
        raise UserError(f"{path}: damaged, or not written by gcnet ({error})") from error
