"""Records of measurements: recognition, and the quality of generated references."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.runs.record import Interval, Record


class Metrics(Record):
    """How well expressions were recognized; made by `classification_metrics`.

    A class without images counts in no mean. Intervals are at 95 %.

    Args:
        images: their number.
        subjects: number of known ones.
        accuracy: share of the images that were recognized.
        balanced_accuracy: mean recall of the classes.
        macro_f1: mean F1 of the classes.
        interval_over: what the bootstrap draws: subjects, or images if no subject is known.
        chance: share of the most frequent class.
        classes: expression names.
        recall: by class; None for a class without images.
        confusion: counts, a row for each true class.
    """

    images: int
    subjects: int
    accuracy: float
    balanced_accuracy: float
    macro_f1: float
    accuracy_interval: Interval
    balanced_accuracy_interval: Interval
    macro_f1_interval: Interval
    interval_over: Literal["subjects", "images"]
    chance: float
    classes: tuple[str, ...]
    recall: dict[str, float | None]
    confusion: list[list[int]]


class Calibration(Record):
    """Whether a probability is the share of right answers: expected calibration errors in [0, 1], 0 is best.

    Args:
        temperature: of the model, fitted on the validation part of its run; 1 without.
        ece: of the probabilities that the network gives, which are those of predictions.csv.
        calibrated_ece: of these at the temperature, as `gcnet predict` gives them.
    """

    temperature: float
    ece: float
    calibrated_ece: float


class EstimateErrors(Record):
    """How far an estimate of the reference is from the true one.

    Args:
        mse: mean squared error, lower is better.
        ssim: structural similarity, 1 is equal.
        sharpness: size of the gradients relative to those of the true reference, below 1 is blurred.
    """

    mse: float
    ssim: float
    sharpness: float | None = None


class ReferenceErrors(Record):
    """Three estimates of the reference, over some queries.

    Args:
        images: number of queries.
        generated: the generator's.
        query_copy: the query itself.
        mean_face: mean of the training references.
    """

    images: int
    generated: EstimateErrors
    query_copy: EstimateErrors = Field(alias="copy")
    mean_face: EstimateErrors


class GeneratorErrors(Record):
    """Errors of generated references; a neutral query is its own reference, so that the expressive ones tell more.

    Args:
        all: over all queries.
        expressive: over those that are not neutral; None if there are none.
    """

    all: ReferenceErrors | None
    expressive: ReferenceErrors | None

    @property
    def telling(self) -> ReferenceErrors | None:
        """Those over expressive queries where there are any."""
        return self.expressive or self.all


Given = Literal["query", "album", "true_neutral", "all"]
"""What a model is given at test: the query alone, an album beside it, a true neutral picture, or both of them."""


class AlbumCounts(Record):
    """How many pictures stand beside queries.

    Args:
        source: where they come from, as `album.source` says.
        size: how many there are to be.
        expressions: how they are chosen.
        images: number of queries.
        full: queries with so many.
        fewer: with some, but fewer.
        none: with none.
        mean_pictures: for each query.
        largest: the most that any has, however few are wanted.
        twins_left_out: pictures that show a query of the same person under another name.
    """

    source: str
    size: int
    expressions: str
    images: int
    full: int
    fewer: int
    none: int
    mean_pictures: float
    largest: int
    twins_left_out: int


class Measured(Record):
    """What was measured of one recipe on some images.

    Args:
        recipe: its name.
        test: as the model answers.
        true_reference: with another real neutral picture of the person in place of the generated reference.
        generator: errors of the generated references.
        by_reference: by what is given beside the query, on the same images; empty for a model that compares with
            nothing.
        album: pictures that stand beside the queries; None where the recipe names no source of them.
        calibration: of the answers that `test` counts.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = {"given_reference": "true_reference"}

    recipe: str
    test: Metrics
    true_reference: Metrics | None = None
    generator: GeneratorErrors | None = None
    by_reference: dict[Given, Metrics] = Field(default_factory=dict)
    album: AlbumCounts | None = None
    calibration: Calibration | None = None
