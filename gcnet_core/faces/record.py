"""FaceRecord: what became of one face, or of a picture without one; a row of faces.csv."""

import csv
import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from gcnet_core.faces.finder import Crop, Found
from gcnet_core.output.cells import CsvTable, exact_row

TURNED = 30.0
"""Degrees from which a face is remarked as turned."""
CUT_OFF = 0.1
"""Share of a crop beyond the picture from which it is remarked."""
REMARKS = {
    "several_faces": "pictures with several faces; which of them are taken is said by `several`",
    "turned": f"faces turned by more than {TURNED:g} degrees, and turned back",
    "profile": "faces seen from the side, cut out by their box",
    "by_box": "faces whose eyes were not found, or not looked for, cut out by their box",
    "cut_off": f"faces at the edge of the picture: more than {100 * CUT_OFF:g} % of the crop lies beyond",
    "no_face": "pictures in which no face was found",
    "skipped": "pictures with several faces, left out",
    "unreadable": "files that are no picture, or not all of one",
}
"""What may be remarkable, and what it means."""


@dataclass(frozen=True)
class FaceRecord:
    """One row. Numbers are empty where there is no face; coordinates are pixels of the picture.

    Args:
        image: name of the picture.
        crop: the file that was written, relative to the output folder; empty if none was.
        remarks: names of REMARKS, separated by blanks; empty if nothing is remarkable.
        faces: how many were found in the picture.
        score: how sure the detector was.
        x, y, width, height: of the box.
        right_eye_x, right_eye_y, left_eye_x, left_eye_y: of the person's eyes.
        turn: degrees by which the face was turned clockwise.
        outside: share of the crop beyond the picture.
        reason: why a file could not be read.
        content: by what the pixels are known again, 16 hexadecimal digits; empty where they could not be read.
    """

    image: str
    crop: str = ""
    remarks: str = ""
    faces: int = 0
    score: float | None = None
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None
    right_eye_x: float | None = None
    right_eye_y: float | None = None
    left_eye_x: float | None = None
    left_eye_y: float | None = None
    turn: float | None = None
    outside: float | None = None
    reason: str = ""
    content: str = ""


def record(image: str, crop_file: str, found: Found, crop: Crop) -> FaceRecord:
    """The row of a face that was cut out."""
    face = crop.face
    remarks = {
        "several_faces": found.faces > 1,
        "turned": abs(face.turn) > TURNED,
        "profile": face.profile,
        "by_box": not face.sees_eyes and not face.profile,
        "cut_off": crop.outside > CUT_OFF,
    }
    x, y, width, height = (round(value, 2) for value in face.box)
    row = FaceRecord(
        image,
        crop_file,
        " ".join(name for name, holds in remarks.items() if holds),
        found.faces,
        round(face.score, 4),
        x,
        y,
        width,
        height,
        outside=round(crop.outside, 4),
    )
    if face.eyes is None:
        return row
    right, left = ((round(x, 2), round(y, 2)) for x, y in face.eyes)
    return replace(
        row,
        right_eye_x=right[0],
        right_eye_y=right[1],
        left_eye_x=left[0],
        left_eye_y=left[1],
        turn=round(face.turn, 2),
    )


def to_csv(records: Iterable[FaceRecord], *, header: bool) -> str:
    """Rows as text."""
    text = io.StringIO()
    table = CsvTable(text)
    if header:
        table.write(field.name for field in fields(FaceRecord))
    for entry in records:
        table.write(asdict(entry).values())
    return text.getvalue()


def from_csv(path: Path) -> list[FaceRecord]:
    """Rows of a file; a last line that a kill cut off is left out."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    whole = text[: text.rfind("\n") + 1]
    measured = [field.name for field in fields(FaceRecord) if field.type == float | None]
    records = []
    for row in map(exact_row, csv.DictReader(io.StringIO(whole, newline=""))):
        if row["reason"] is None:  # cut off after a line end within a name
            continue
        numbers = {name: float(row[name]) if row[name] else None for name in measured}
        records.append(
            FaceRecord(
                row["image"],
                row["crop"],
                row["remarks"],
                int(row["faces"]),
                **numbers,
                reason=row["reason"],
                content=row.get("content") or "",  # older files have no such column
            )
        )
    return records
