"""Records of figures by a column of the data, such as sex, age or light."""

from typing import Literal

from gcnet_core.runs.record import Interval, Record


class GroupMetrics(Record):
    """Figures of the images that have one value of a column.

    Args:
        images: their number.
        subjects: number of known ones.
        accuracy: share that was recognized.
        accuracy_interval: at 95 %; None where it is over subjects and one person is shown.
        balanced_accuracy: mean recall of the expressions that occur, for groups that show others than the rest.
        ece: expected calibration error of the probabilities as `gcnet predict` gives them.
        small: whether it is too small to be called best or worst.
    """

    images: int
    subjects: int
    accuracy: float
    accuracy_interval: Interval | None
    balanced_accuracy: float
    ece: float
    small: bool


class ByColumn(Record):
    """Figures by a column.

    Args:
        column: its name.
        groups: by value; of numbers by quarter of the images.
        unknown: images without a value, which are in no group.
        best: group with the highest accuracy among those that are not small; None if fewer than two are left.
        worst: with the lowest.
        difference: of the accuracies of best and worst.
        difference_interval: at 95 %, from the same resamples. Best and worst were chosen by these images, so that of
            many equal groups chance alone makes a difference.
        interval_over: what the bootstrap draws.
        same_expressions: whether the groups that are not small show each expression about as often; if not, their
            accuracies differ for that reason too.
    """

    column: str
    groups: dict[str, GroupMetrics]
    unknown: int
    best: str | None
    worst: str | None
    difference: float | None
    difference_interval: Interval | None
    interval_over: Literal["subjects", "images"]
    same_expressions: bool
