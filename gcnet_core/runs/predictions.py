"""Predictions of a model on labelled images, and the CSV file that keeps them."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from gcnet_core.files import write_text
from gcnet_core.output.cells import CsvTable, exact, exact_row
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.intact import is_there

PROBABILITY = "p_"
"""Prefix of the columns with probabilities, so that no expression name can clash with another column."""


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a model said about labelled images.

    Args:
        images: name of each image.
        subjects: who each image shows; an empty string if unknown.
        labels: true expression of each image, as a position in `classes`.
        probabilities: of each class, in [0, 1].
        classes: expression names, in the order of the probabilities.
        folds: number of the fold in which each image was tested; None outside cross-validation.
    """

    images: tuple[str, ...]
    subjects: tuple[str, ...]
    labels: Int[np.ndarray, "sample"]
    probabilities: Float[np.ndarray, "sample class"]
    classes: tuple[str, ...]
    folds: Int[np.ndarray, "sample"] | None = None

    def __post_init__(self) -> None:
        count = len(self.images)
        lengths = {len(self.subjects), len(self.labels), count if self.folds is None else len(self.folds)}
        if lengths != {count} or self.probabilities.shape != (count, len(self.classes)):
            raise ValueError(f"predictions of {count} images and {len(self.classes)} classes have parts of other sizes")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def predicted(self) -> Int[np.ndarray, "sample"]:
        """The most probable class of each image; the first one where several are equal."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def correct(self) -> Bool[np.ndarray, "sample"]:
        """Whether the most probable class is the true one."""
        return np.asarray(self.predicted == self.labels)

    def rows(self, chosen: Int[np.ndarray, "row"]) -> "Predictions":
        """Some of them."""
        return Predictions(
            images=tuple(self.images[row] for row in chosen),
            subjects=tuple(self.subjects[row] for row in chosen),
            labels=self.labels[chosen],
            probabilities=self.probabilities[chosen],
            classes=self.classes,
            folds=None if self.folds is None else self.folds[chosen],
        )

    def write_csv(self, path: Path) -> None:
        """Write one row for each image, expressions by name. `read_csv` gives the same predictions back exactly."""
        text = io.StringIO()
        table = CsvTable(text)
        fold_column = [] if self.folds is None else ["fold"]
        probability_columns = [PROBABILITY + name for name in self.classes]
        table.write(["image", "subject", "expression", "predicted", *fold_column, *probability_columns])
        for row, (image, subject, label, predicted) in enumerate(
            zip(self.images, self.subjects, self.labels, self.predicted, strict=True)
        ):
            fold = [] if self.folds is None else [int(self.folds[row])]
            # repr of a float is the shortest text that reads back as the same number
            probabilities = [repr(float(value)) for value in self.probabilities[row]]
            table.write([image, subject, self.classes[label], self.classes[predicted], *fold, *probabilities])
        write_text(path, text.getvalue())

    @classmethod
    def read_csv(cls, path: Path) -> "Predictions":
        """Read what `write_csv` wrote.

        Raises:
            UserError: if the file is missing or is no such table.
        """
        columns, rows = _read_table(path)
        classes = _classes_of_columns(path, columns)
        try:
            number = {name: index for index, name in enumerate(classes)}
            labels = [number[row["expression"]] for row in rows]
            probabilities = [float(row[PROBABILITY + name]) for row in rows for name in classes]
            folds = [int(row["fold"]) for row in rows] if "fold" in columns else None
            _check_rows(rows, probabilities, folds)
        except KeyError as error:
            raise UserError(f"{path}: a row names the expression {error.args[0]!r}, which has no column") from error
        except (TypeError, ValueError) as error:
            raise UserError(f"{path}: a row of this table of predictions is damaged ({error})") from error
        return cls(
            images=tuple(row["image"] for row in rows),
            subjects=tuple(row["subject"] for row in rows),
            labels=np.array(labels, dtype=np.int64),
            probabilities=np.array(probabilities, dtype=np.float64).reshape(len(rows), len(classes)),
            classes=classes,
            folds=None if folds is None else np.array(folds, dtype=np.int64),
        )


def concatenate(parts: Sequence[Predictions]) -> Predictions:
    """Put the predictions of several folds together.

    Args:
        parts: one or more, over the same classes. A part without fold numbers counts as the fold of its position.

    Returns:
        All predictions, in the given order.

    Raises:
        UserError: if the classes differ.
    """
    classes = parts[0].classes
    images: list[str] = []
    subjects: list[str] = []
    folds = []
    for position, part in enumerate(parts):
        if part.classes != classes:
            raise UserError(
                f"predictions over different classes cannot be pooled: {', '.join(classes)} and "
                f"{', '.join(part.classes)}; pool runs of one data set"
            )
        images += part.images
        subjects += part.subjects
        folds.append(np.full(len(part), position) if part.folds is None else part.folds)
    return Predictions(
        images=tuple(images),
        subjects=tuple(subjects),
        labels=np.concatenate([part.labels for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts]),
        classes=classes,
        folds=np.concatenate(folds),
    )


def _read_table(path: Path) -> tuple[Sequence[str], list[dict[str, str]]]:
    """Columns and rows of a CSV file."""
    if not is_there(path):
        raise UserError(f"{path}: no such file; is this the folder of a finished run?")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = csv.DictReader(file)
            rows = [exact_row(row) for row in table]
            columns = [exact(name) for name in table.fieldnames or ()]
    except (OSError, ValueError, csv.Error) as error:  # no text among them
        raise UserError(f"{path}: damaged, it is no table of predictions ({error})") from error
    return columns, rows


def _check_rows(rows: Sequence[dict[str, str]], probabilities: Sequence[float], folds: Sequence[int] | None) -> None:
    """Tell cells too many or too few, and numbers that `write_csv` never wrote."""
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("it has other columns than the first one")
    strange = next((value for value in probabilities if not 0 <= value <= 1.001), None)
    if strange is not None:
        raise ValueError(f"{strange} is no probability")
    if any(not 0 <= fold < 2**31 for fold in folds or ()):
        raise ValueError("its fold is no number of a fold")


def _classes_of_columns(path: Path, columns: Sequence[str]) -> tuple[str, ...]:
    """The classes that have a column of probabilities; tells which columns are missing."""
    classes = tuple(name.removeprefix(PROBABILITY) for name in columns if name.startswith(PROBABILITY))
    missing = [name for name in ("image", "subject", "expression") if name not in columns]
    if not classes:
        missing = missing or [f"{PROBABILITY}<expression>"]
    if missing:
        raise UserError(f"{path}: not a table of predictions; it lacks the column {', '.join(missing)}")
    return classes
