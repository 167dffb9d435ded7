"""Reading manifest.csv: one row an image, an empty cell means unknown."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from gcnet_core.plugin_api import Sample, UserError, preparation_of_today
from gcnet_datasets.files.base import USAGE, FilesConfig
from gcnet_datasets.labels import expression_name

REQUIRED = ("image", "expression")
OPTIONAL = ("subject", "reference", "session", "lighting", "fold", "part", "intensity", "votes")
BOX = ("x", "y", "w", "h")
PREPARATION = "preparation.json"
"""Beside the manifest, where `gcnet data prepare` wrote both."""


class ManifestConfig(FilesConfig):
    """Images listed in a CSV file, a row each.

    Columns: image, expression; where known subject, reference, session, lighting, fold, part (train, validation or
    test), intensity (0 to 1), votes (`anger=3;neutral=7`) and the face box x, y, w, h in pixels. Others are for
    `where`.
    """

    generic: ClassVar[bool] = True

    file: str = Field("manifest.csv", description="name of the list, inside the folder")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="columns under other names, as ours: theirs; e.g. `{image: path, expression: label}`",
    )
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="rows to keep, as column: [values]; e.g. `{lighting: [even]}`"
    )

    def listed(self) -> list[Sample]:
        return read_manifest(self)

    def preparation(self) -> dict[str, Any] | None:
        path = Path(self.folder) / PREPARATION
        if not path.is_file():
            return None
        try:
            settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{error.lineno}: not JSON ({error.msg})") from error
        return preparation_of_today(settings)


def read_manifest(config: ManifestConfig) -> list[Sample]:
    """The rows that `where` keeps, as samples.

    Raises:
        MissingData: if the folder or the list is not there.
        UserError: as file:line for missing columns, empty cells, a fold that is no number, or an image listed twice.
    """
    path = Path(config.folder) / config.file
    if not path.is_file():
        what = f"no such file: {path}" if path.parent.is_dir() else f"no such folder: {path.parent}"
        columns = ",".join(("image", "subject", "expression", *OPTIONAL[1:], *BOX))
        raise config.missing(what, f"{path} with the columns {columns} and image paths relative to its folder")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        _check_columns(path, reader.fieldnames or (), config)
        samples: list[Sample] = []
        first_line: dict[str, int] = {}
        for row in reader:
            where = f"{path}:{reader.line_num}"
            row |= {ours: row[theirs] for ours, theirs in config.columns.items()}
            if any(row[column] not in values for column, values in config.where.items()):
                continue
            sample = _sample(row, where)
            if sample.image in first_line:
                raise UserError(f"{where}: {sample.image} is already listed in line {first_line[sample.image]}")
            first_line[sample.image] = reader.line_num
            samples.append(sample)
    if not samples:
        raise UserError(f"{path}: no row is left; check `where`")
    return samples


def _check_columns(path: Path, found: Sequence[str], config: ManifestConfig) -> None:
    allowed = (*REQUIRED, *OPTIONAL, *BOX)
    for ours, theirs in config.columns.items():
        if ours not in allowed:
            raise UserError(f"data.columns: {ours} is no column of a manifest; they are {', '.join(allowed)}")
        if theirs not in found:
            raise UserError(f"{path}:1: `columns` names the column {theirs}; found {', '.join(found)}")
    absent = [name for name in REQUIRED if name not in found and name not in config.columns]
    if absent:
        raise UserError(f"{path}:1: no column {', '.join(absent)}; found {', '.join(found)}")
    unknown = [name for name in config.where if name not in found]
    if unknown:
        raise UserError(f"{path}:1: `where` names the column {unknown[0]}; found {', '.join(found)}")


def _sample(row: dict[str, str], where: str) -> Sample:
    for name in REQUIRED:
        if not row[name]:
            raise UserError(f"{where}: the cell {name} is empty")
    subject, reference, session, lighting, fold, part, intensity, votes = (row.get(name) or None for name in OPTIONAL)
    if fold is not None and not fold.isdigit():
        raise UserError(f"{where}: fold {fold!r} is not a number from 0")
    if part is not None and part.lower() not in USAGE:
        raise UserError(f"{where}: part {part!r} is not train, validation or test")
    box = [row.get(name) or "" for name in BOX]
    try:
        strength = None if intensity is None else float(intensity)
        rectangle = ",".join(str(round(float(number))) for number in box) if any(box) else ""
    except ValueError as error:
        raise UserError(f"{where}: intensity and x, y, w, h are numbers ({error})") from error
    try:
        counted = None if votes is None else tuple(_vote(vote) for vote in votes.split(";"))
    except ValueError as error:
        raise UserError(f"{where}: votes {votes!r} are not written as anger=3;neutral=7") from error
    return Sample(
        image=f"{row['image']}#xywh={rectangle}" if rectangle else row["image"],
        subject=subject,
        expression=expression_name(row["expression"]),
        reference=reference,
        session=session,
        lighting=lighting,
        fold=None if fold is None else int(fold),
        usage=None if part is None else USAGE[part.lower()],
        intensity=strength,
        votes=counted,
    )


def _vote(text: str) -> tuple[str, float]:
    name, count = text.split("=")
    return expression_name(name), float(count)
