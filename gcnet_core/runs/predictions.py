"""Predictions of a model on labelled images, and the CSV file that keeps them."""

import csv
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

from gcnet_core.files import beside
from gcnet_core.output.cells import CsvTable, exact
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
        fold_column = [] if self.folds is None else ["fold"]
        probability_columns = [PROBABILITY + name for name in self.classes]
        with beside(path) as written, written.open("w", encoding="utf-8", newline="") as file:
            table = CsvTable(file)
            table.write(["image", "subject", "expression", "predicted", *fold_column, *probability_columns])
            for row, (image, subject, label, predicted) in enumerate(
                zip(self.images, self.subjects, self.labels, self.predicted, strict=True)
            ):
                fold = [] if self.folds is None else [int(self.folds[row])]
                # a float is written as the shortest text that reads back as the same number
                probabilities = self.probabilities[row].tolist()
                table.write([image, subject, self.classes[label], self.classes[predicted], *fold, *probabilities])

    @classmethod
    def read_csv(cls, path: Path) -> "Predictions":
        """Read what `write_csv` wrote.

        Raises:
            UserError: if the file is missing or is no such table.
        """
        if not is_there(path):
            raise UserError(f"{path}: no such file; is this the folder of a finished run?")
        try:
            with path.open(encoding="utf-8", newline="") as file:
                rows = csv.reader(file)
                columns = [exact(name) for name in next(rows, [])]
                classes = _classes_of_columns(path, columns)
                return _read_rows(rows, columns, classes)
        except KeyError as error:
            raise UserError(f"{path}: a row names the expression {error.args[0]!r}, which has no column") from error
        except (OSError, UnicodeError, csv.Error) as error:
            raise UserError(f"{path}: damaged, it is no table of predictions ({error})") from error
        except ValueError as error:
            raise UserError(f"{path}: a row of this table of predictions is damaged ({error})") from error


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


def _read_rows(rows: Iterator[list[str]], columns: Sequence[str], classes: tuple[str, ...]) -> Predictions:
    """The rows of a table, into columns; a million of them as mappings would be gigabytes.

    Raises:
        KeyError: with an expression that is none of the classes.
        ValueError: for cells too many or too few, and numbers that `write_csv` never wrote.
    """
    place = {name: index for index, name in enumerate(columns)}
    number = {name: index for index, name in enumerate(classes)}
    image, subject, expression, fold = (place.get(name, -1) for name in ("image", "subject", "expression", "fold"))
    shares = [place[PROBABILITY + name] for name in classes]
    images, subjects, once = list[str](), list[str](), dict[str, str]()
    labels, folds, probabilities = array("q"), array("q"), array("d")
    for row in filter(None, rows):
        if len(row) != len(columns):
            raise ValueError("it has other columns than the first one")
        images.append(exact(row[image]))
        subjects.append(once.setdefault(row[subject], exact(row[subject])))
        labels.append(number[exact(row[expression])])
        probabilities.extend(float(row[share]) for share in shares)
        if fold >= 0:
            folds.append(_fold(row[fold]))
    given = np.array(probabilities, dtype=np.float64).reshape(len(images), len(classes))
    strange = given[~((given >= 0) & (given <= 1.001))]
    if len(strange):
        raise ValueError(f"{strange[0]} is no probability")
    return Predictions(
        images=tuple(images),
        subjects=tuple(subjects),
        labels=np.array(labels, dtype=np.int64),
        probabilities=given,
        classes=classes,
        folds=np.array(folds, dtype=np.int64) if fold >= 0 else None,
    )


def _fold(cell: str) -> int:
    fold = int(cell)
    if not 0 <= fold < 2**31:
        raise ValueError("its fold is no number of a fold")
    return fold


def _classes_of_columns(path: Path, columns: Sequence[str]) -> tuple[str, ...]:
    """The classes that have a column of probabilities; tells which columns are missing."""
    classes = tuple(name.removeprefix(PROBABILITY) for name in columns if name.startswith(PROBABILITY))
    missing = [name for name in ("image", "subject", "expression") if name not in columns]
    if not classes:
        missing = missing or [f"{PROBABILITY}<expression>"]
    if missing:
        raise UserError(f"{path}: not a table of predictions; it lacks the column {', '.join(missing)}")
    return classes
