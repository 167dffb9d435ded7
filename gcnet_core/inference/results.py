"""Results: what was found in pictures and what the model says of it, a row for each face and for each failure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from gcnet_core.interfaces import Face

if TYPE_CHECKING:
    import pandas


NO_FACE = "no face found"
COLUMNS = (
    "file", "frame", "time", "face", "x", "y", "width", "height", "right_eye_x", "right_eye_y", "left_eye_x",
    "left_eye_y", "score", "turn", "label", "distance", "reason",
)  # fmt: skip
"""Of a row, beside those of the expressions, which stand after the label."""


@cache
def columns(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the columns with probabilities: those of the expressions; `p_x` where another column is called x.

    Args:
        classes: expressions in the order of the model.
    """
    names: list[str] = []
    for name in classes:
        while name in COLUMNS or name in names:
            name = f"p_{name}"
        names.append(name)
    return tuple(names)


@dataclass(frozen=True, eq=False)
class FaceResult:
    """One face, or a picture without one.

    Args:
        file: name of the picture or the video.
        frame: number of the frame of a video, from 0; None for a picture.
        time: of that frame, seconds from the start; None for a picture.
        number: of the face in its picture, from 1 at the left, or the same for one face through a video; None where
            there is no face.
        face: where it was found; None for a prepared face, and where there is none.
        probabilities: of each expression, calibrated; empty where there is no face.
        distance: between the embeddings of query and reference; None for a model without references.
        reason: why there is no answer; empty where there is one.
        query: the prepared face, channels first, 0 to 255.
        reference: the neutral face that was made of it, if that was wanted and the model has a generator.
    """

    file: str
    frame: int | None = None
    time: float | None = None
    number: int | None = None
    face: Face | None = None
    probabilities: dict[str, float] = field(default_factory=dict)
    distance: float | None = None
    reason: str = ""
    query: np.ndarray | None = field(default=None, repr=False)
    reference: np.ndarray | None = field(default=None, repr=False)

    @property
    def label(self) -> str | None:
        """The most probable expression; None where there is no face."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None

    def row(self) -> dict[str, Any]:
        """As flat values, the same keys for every result of one model; None where there is nothing."""
        face, eyes = self.face, self.face.eyes if self.face else None
        box = face.box if face else (None,) * 4
        right, left = eyes or ((None, None), (None, None))
        return {
            "file": self.file,
            "frame": self.frame,
            "time": self.time,
            "face": self.number,
            **dict(zip(("x", "y", "width", "height"), box, strict=True)),
            "right_eye_x": right[0],
            "right_eye_y": right[1],
            "left_eye_x": left[0],
            "left_eye_y": left[1],
            "score": face.score if face else None,
            "turn": face.turn if face else None,
            "label": self.label,
            **dict(zip(columns(tuple(self.probabilities)), self.probabilities.values(), strict=True)),
            "distance": self.distance,
            "reason": self.reason,
        }


class Results(Sequence[FaceResult]):
    """What was found in some pictures, in their order, faces from left to right.

    Args:
        faces: one for each face, and one for each picture without a face or that could not be read.
        classes: expressions in the order of the model.
    """

    def __init__(self, faces: Sequence[FaceResult], classes: tuple[str, ...]) -> None:
        self.faces, self.classes = tuple(faces), classes

    def __len__(self) -> int:
        return len(self.faces)

    @overload
    def __getitem__(self, index: int) -> FaceResult: ...
    @overload
    def __getitem__(self, index: slice) -> "Results": ...
    def __getitem__(self, index: int | slice) -> "FaceResult | Results":
        return Results(self.faces[index], self.classes) if isinstance(index, slice) else self.faces[index]

    def __iter__(self) -> Iterator[FaceResult]:
        return iter(self.faces)

    def __repr__(self) -> str:
        found = [face for face in self.faces if face.label]
        return f"<Results: {len(found)} faces, {len(self.faces) - len(found)} pictures without>"

    def _repr_html_(self) -> str:
        """What notebooks show."""
        from gcnet_core.inference.results_html import results_html

        return results_html(self.faces)

    def to_rows(self) -> list[dict[str, Any]]:
        """Flat values for each face, all with the same keys."""
        nothing: dict[str, float | None] = dict.fromkeys(columns(self.classes))
        return [face.row() if face.probabilities else _with_classes(face.row(), nothing) for face in self.faces]

    def to_pandas(self) -> "pandas.DataFrame":
        """A table with one row for each face.

        Raises:
            ModuleNotFoundError: if pandas is not installed, which `pip install 'gcnet[pandas]'` brings.
        """
        try:
            import pandas
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("pandas is not installed: pip install 'gcnet[pandas]'", name="pandas") from error
        return pandas.DataFrame(self.to_rows())


def _with_classes(row: dict[str, Any], nothing: dict[str, Any]) -> dict[str, Any]:
    """The row of a failure with the keys of the others, in their order."""
    keys = list(row)
    after = keys.index("label") + 1
    return {**{key: row[key] for key in keys[:after]}, **nothing, **{key: row[key] for key in keys[after:]}}
