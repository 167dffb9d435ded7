"""manifest.csv of prepared faces: the labels of the data set, the files of the crops."""

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from gcnet_core.faces.record import FaceRecord
from gcnet_core.files import write_text
from gcnet_core.plugin_api import Sample

MANIFEST = "manifest.csv"
COLUMNS = ("image", "subject", "expression", "reference", "session", "lighting", "fold", "part", "intensity", "votes")


def write_manifest(output: Path, samples: Sequence[Sample], records: Sequence[FaceRecord]) -> int:
    """Write a row for each crop of a labelled picture; the data set part `manifest` reads it.

    Args:
        output: folder that holds the crops.
        samples: of the data set.
        records: of all its pictures.

    Returns:
        The number of rows.
    """
    crops: dict[str | None, list[str]] = defaultdict(list)
    for entry in records:
        if entry.crop:
            crops[entry.image].append(entry.crop)
    rows = [
        (
            crop, sample.subject, sample.expression, next(iter(crops.get(sample.reference, ())), None), sample.session,
            sample.lighting, sample.fold, sample.usage, sample.intensity, votes_text(sample),
        )
        for sample in samples
        for crop in crops.get(sample.image, ())
    ]  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    write_text(output / MANIFEST, text.getvalue())
    return len(rows)


def votes_text(sample: Sample) -> str | None:
    """Votes as they stand in a cell: `anger=3;neutral=7`."""
    return None if sample.votes is None else ";".join(f"{name}={count:g}" for name, count in sample.votes)
