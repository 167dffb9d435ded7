"""The contact sheet of prepared faces: crops, their mean, and every kind of remark with pictures."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.table import Table

from gcnet_core.data.load import Listing
from gcnet_core.faces.record import REMARKS, FaceRecord
from gcnet_core.files import write_text
from gcnet_core.output.visible import one_line
from gcnet_core.plugin_api import UserError
from gcnet_core.report.data_uri import jpeg_uri
from gcnet_core.report.templates import render
from gcnet_core.storage import versions

PAGE = "contact_sheet.html"
SHOWN, REMARKED = 60, 12
"""Crops on the sheet, and pictures of each remark."""
THUMBNAIL = 160
MEAN_OF = 2000


def sheet_table(title: str, records: Sequence[FaceRecord]) -> Table:
    """Counts for the terminal."""
    table = Table(title=one_line(title), title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("faces cut out", f"{sum(bool(entry.crop) for entry in records):,}")
    for remark, entries in remarked(records).items():
        table.add_row(remark, f"{len(entries):,} {REMARKS[remark]}; first {one_line(entries[0].image)}", style="yellow")
    return table


def remarked(records: Sequence[FaceRecord]) -> dict[str, list[FaceRecord]]:
    """Records by remark, in the order of REMARKS; those without remarks are left out."""
    found: dict[str, list[FaceRecord]] = defaultdict(list)
    for entry in records:
        for remark in entry.remarks.split():
            found[remark].append(entry)
    return {remark: found[remark] for remark in REMARKS if remark in found}


def write_sheet(
    output: Path, title: str, records: Sequence[FaceRecord], listing: Listing, settings: dict[str, Any]
) -> Path:
    """Write the page into the folder of the crops.

    Args:
        output: that folder.
        title: of the data.
        records: of all pictures.
        listing: by which pictures are read.
        settings: of the preparation.
    """
    crops = [entry for entry in records if entry.crop]
    sections = []
    for remark, entries in remarked(records).items():
        pictures = [_picture(entry, listing, output) for entry in _spread(entries, REMARKED)]
        sections.append({"name": remark, "text": REMARKS[remark], "count": len(entries), "pictures": pictures})
    shown = [{"name": entry.image, "uri": _uri(_read(output / entry.crop))} for entry in _spread(crops, SHOWN)]
    values = {
        "title": title,
        "settings": _flat(settings),
        "pictures": len({entry.image for entry in records}),
        "faces": len(crops),
        "mean": _mean(output, crops),
        "crops": shown,
        "sections": sections,
        "versions": versions(),
    }
    page = output / PAGE
    write_text(page, render("contact_sheet.html", values))
    return page


def _picture(entry: FaceRecord, listing: Listing, output: Path) -> dict[str, str | None]:
    """A picture with the box and the eyes drawn in, beside its crop."""
    crop = _uri(_read(output / entry.crop)) if entry.crop else None
    try:
        pixels = np.array(listing.read(entry.image))
    except UserError as error:
        return {"name": entry.image, "uri": None, "crop": crop, "text": str(error)}
    colour = cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR if pixels.shape[2] == 1 else cv2.COLOR_RGB2BGR)
    scale = THUMBNAIL / max(colour.shape[:2])
    width, height = (max(round(side * scale), 1) for side in colour.shape[1::-1])
    small = cv2.resize(colour, (width, height), interpolation=cv2.INTER_AREA)
    _draw_face(small, entry, scale)
    return {"name": entry.image, "uri": _uri(small), "crop": crop, "text": ""}


def _draw_face(pixels: np.ndarray, entry: FaceRecord, scale: float) -> None:
    """Draw the box and the eyes, as far as they are known, into a scaled picture."""

    def scaled(x: float, y: float) -> tuple[int, int]:
        return round(x * scale), round(y * scale)

    if entry.x is not None and entry.y is not None and entry.width is not None and entry.height is not None:
        corner, opposite = scaled(entry.x, entry.y), scaled(entry.x + entry.width, entry.y + entry.height)
        cv2.rectangle(pixels, corner, opposite, (60, 200, 60), 1, cv2.LINE_AA)
    for x, y in ((entry.right_eye_x, entry.right_eye_y), (entry.left_eye_x, entry.left_eye_y)):
        if x is not None and y is not None:
            cv2.circle(pixels, scaled(x, y), 2, (40, 60, 240), -1, cv2.LINE_AA)


def _mean(output: Path, crops: Sequence[FaceRecord]) -> str | None:
    """The mean of many crops: sharp eyes show that they are aligned."""
    if not crops:
        return None
    total: Any = 0.0
    chosen = _spread(crops, MEAN_OF)
    for entry in chosen:
        total = total + cv2.cvtColor(_read(output / entry.crop), cv2.COLOR_BGR2GRAY).astype(np.float64)
    return _uri((total / len(chosen)).round().astype(np.uint8))


def _read(path: Path) -> np.ndarray:
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)  # OpenCV opens no path that is not UTF-8
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR))


def _spread(entries: Sequence[FaceRecord], count: int) -> list[FaceRecord]:
    """Some of them, from the first to the last."""
    places = np.linspace(0, len(entries) - 1, min(count, len(entries))).round().astype(int)
    return [entries[place] for place in places]


def _flat(settings: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = str(value)
    return flat


def _uri(pixels: np.ndarray) -> str:
    side = max(pixels.shape[:2])
    if side > THUMBNAIL:
        scale = THUMBNAIL / side
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return jpeg_uri(pixels)
