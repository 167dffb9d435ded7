"""Faces that somebody else found, or corrected: a CSV file, such as faces.csv of `gcnet data prepare`."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.files import checksum
from gcnet_core.interfaces import BuildContext, Detector, Face, Point
from gcnet_core.output.cells import exact_row
from gcnet_core.plugin_api import UserError
from gcnet_detectors.config import BoxesConfig

BOX = ("x", "y", "width", "height")
EYES = ("right_eye_x", "right_eye_y", "left_eye_x", "left_eye_y")


class Boxes(Detector):
    """Looks faces up by the name of the picture.

    Args:
        config: the file.
        context: not used.

    Raises:
        UserError: as file:line, if it is missing, lacks a column, or a number is none.
    """

    def __init__(self, config: BoxesConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        self.path = Path(config.file)
        if not self.path.is_file():
            raise UserError(f"no such file: {self.path}; expected the columns image,{','.join(BOX)}")
        self.faces = _read(self.path)

    @property
    def version(self) -> str:
        """The file and its checksum."""
        return f"{self.path.name} sha256 {checksum(self.path)}"

    def detect(self, pixels: UInt8[np.ndarray, "height width channel"], name: str = "") -> list[Face]:
        """The faces that are listed for a picture."""
        return list(self.faces.get(name, ()))


def _read(path: Path) -> dict[str, list[Face]]:
    faces: dict[str, list[Face]] = defaultdict(list)
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        found = reader.fieldnames or ()
        absent = [name for name in ("image", *BOX) if name not in found]
        if absent:
            raise UserError(f"{path}:1: no column {', '.join(absent)}; found {', '.join(found)}")
        for row in map(exact_row, reader):
            shows_face = any(row.get(name) for name in BOX)  # faces.csv lists pictures without one too
            if shows_face:
                faces[row["image"]].append(_face(row, f"{path}:{reader.line_num}"))
    return faces


def _face(row: Mapping[str, str], where: str) -> Face:
    try:
        left, top, width, height = (float(row[name]) for name in BOX)
        eyes = _eyes(row)
        score = float(row.get("score") or 1)
    except (TypeError, ValueError) as error:
        raise UserError(f"{where}: a number is missing or none ({error})") from error
    if min(width, height) <= 0:
        raise UserError(f"{where}: a box of {width:g} x {height:g} pixels")
    return Face((left, top, width, height), score, eyes)


def _eyes(row: Mapping[str, str]) -> tuple[Point, Point] | None:
    """Both eyes; None unless all four numbers are there."""
    if not all(row.get(name) for name in EYES):
        return None
    right_x, right_y, left_x, left_y = (float(row[name]) for name in EYES)
    return (right_x, right_y), (left_x, left_y)
