"""Faces that somebody else found, or corrected: a CSV file, such as faces.csv of `gcnet data prepare`."""

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from gcnet_core.files import checksum
from gcnet_core.interfaces import BuildContext, Detector, Face
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
        absent = [name for name in ("image", *BOX) if name not in (reader.fieldnames or ())]
        if absent:
            raise UserError(f"{path}:1: no column {', '.join(absent)}; found {', '.join(reader.fieldnames or ())}")
        for row in reader:
            if not any(row.get(name) for name in BOX):  # a picture without a face, as in faces.csv
                continue
            try:
                left, top, width, height = (float(row[name]) for name in BOX)
                eyes = [float(row[name]) for name in EYES] if all(row.get(name) for name in EYES) else None
                score = float(row.get("score") or 1)
            except (TypeError, ValueError) as error:
                raise UserError(f"{path}:{reader.line_num}: a number is missing or none ({error})") from error
            if min(width, height) <= 0:
                raise UserError(f"{path}:{reader.line_num}: a box of {width:g} x {height:g} pixels")
            pair = None if eyes is None else ((eyes[0], eyes[1]), (eyes[2], eyes[3]))
            faces[row["image"]].append(Face((left, top, width, height), score, pair))
    return faces
