"""manifest.csv: one row an image, an empty cell means unknown. Written by `gcnet data prepare`, read by `manifest`."""

import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gcnet_core.data.people import person_in_list
from gcnet_core.data.picture_files import read_file
from gcnet_core.data.text import found as found_columns
from gcnet_core.data.text import read_table
from gcnet_core.files import write_text
from gcnet_core.output.cells import CsvTable
from gcnet_core.plugin_api import USAGE, Sample, Usage, UserError

MANIFEST = "manifest.csv"
PREPARATION = "preparation.json"
"""Beside the manifest, where `gcnet data prepare` wrote both: how the faces were cut out."""
REQUIRED = ("image", "expression")
OPTIONAL = ("subject", "reference", "session", "lighting", "fold", "part", "intensity", "votes")
LARGEST_LIST = 2**31
"""Bytes."""
LARGEST_NUMBER = 1e6
"""Of pixels of a picture, or of raters."""
BOX = ("x", "y", "w", "h")
"""The face in the picture, pixels; only in manifests that people write."""
COLUMNS = ("image", "subject", "expression", *OPTIONAL[1:])
"""In a manifest that gcnet writes; further ones are the attributes of samples."""

Row = Mapping[str, str]


def write_manifest(path: Path, samples: Iterable[Sample]) -> int:
    """Write a row for each sample, with its attributes in columns of their own; returns the number of rows."""
    text, count, samples = io.StringIO(), 0, list(samples)
    further = list(dict.fromkeys(name for sample in samples for name, _ in sample.attributes))
    table = CsvTable(text)
    table.write([*COLUMNS, *further])
    for sample in samples:
        attributes = dict(sample.attributes)
        count += 1
        known = (
            sample.image, sample.subject, sample.expression, sample.reference, sample.session, sample.lighting,
            sample.fold, sample.usage, sample.intensity, votes_text(sample), *map(attributes.get, further),
        )  # fmt: skip
        table.write(known)
    write_text(path, text.getvalue())
    return count


def votes_text(sample: Sample) -> str | None:
    """Votes as they stand in a cell: `anger=3;neutral=7`."""
    return None if sample.votes is None else ";".join(f"{name}={count:g}" for name, count in sample.votes)


def read_manifest(
    path: Path,
    columns: Mapping[str, str],
    where: Mapping[str, Sequence[str]],
    expression_name: Callable[[str], str],
    person: Callable[[str | None], str | None] = person_in_list,
) -> Iterator[Sample]:
    """The rows of a manifest as samples; a row that says the same again gives the same sample again.

    Args:
        path: of a file that exists.
        columns: our name of a column: theirs.
        where: values of a column whose rows are kept.
        expression_name: the name that an expression has here.
        person: whom a cell names.

    Raises:
        UserError: as file:line for missing columns, empty cells, a fold that is no number, or an image of which two
            rows say different things.
    """
    names, rows = read_table(read_file(path, LARGEST_LIST), path)
    _check_columns(path, names, columns, where)
    further = _further(names, columns)
    first: dict[str, tuple[str, Sample]] = {}
    for _, place, cells in rows:
        row = cells | {ours: cells[theirs] for ours, theirs in columns.items()}
        kept = all(row[column] in values for column, values in where.items())
        if not kept:
            continue
        sample = _sample({**row, "subject": person(row.get("subject")) or ""}, place, expression_name, further)
        line, earlier = first.setdefault(sample.image, (place.rpartition(":")[2], sample))
        if sample != earlier:
            raise UserError(f"{place}: {sample.image} is already listed in line {line}, {_otherwise(earlier, sample)}")
        yield sample


def _otherwise(earlier: Sample, sample: Sample) -> str:
    """What the first of two rows says of an image otherwise than the second."""
    said, says = vars(earlier), vars(sample)
    name = next(name for name in said if said[name] != says[name])
    return f"where its {name} is {said[name]}, not {says[name]}; leave out the wrong row"


def _check_columns(
    path: Path, found: Sequence[str], columns: Mapping[str, str], where: Mapping[str, Sequence[str]]
) -> None:
    _check_names_of_columns(path, found, columns)
    absent = [name for name in REQUIRED if name not in found and name not in columns]
    if absent:
        raise UserError(f"{path}:1: no column {', '.join(absent)}; found {found_columns(found)}")
    unknown = [name for name in where if name not in found]
    if unknown:
        raise UserError(f"{path}:1: `where` names the column {unknown[0]}; found {', '.join(found)}")


def _check_names_of_columns(path: Path, found: Sequence[str], columns: Mapping[str, str]) -> None:
    allowed = (*REQUIRED, *OPTIONAL, *BOX)
    for ours, theirs in columns.items():
        if ours not in allowed:
            raise UserError(f"data.columns: {ours} is no column of a manifest; they are {', '.join(allowed)}")
        if theirs not in found:
            raise UserError(f"{path}:1: `columns` names the column {theirs}; found {', '.join(found)}")


def _further(found: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """Columns that gcnet does not know, such as age or sex."""
    return [name for name in found if name and name not in (*REQUIRED, *OPTIONAL, *BOX, *columns.values())]


def _sample(row: Row, place: str, expression_name: Callable[[str], str], further: Sequence[str]) -> Sample:
    for name in REQUIRED:
        if not row[name].strip():
            raise UserError(f"{place}: the cell {name} is empty")
    cells = {name: (row.get(name) or "").strip() or None for name in OPTIONAL}
    fold, usage, rectangle = _fold(cells["fold"], place), _usage(cells["part"], place), _rectangle(row, place)
    intensity = None if cells["intensity"] is None else _number(cells["intensity"], "intensity", place)
    return Sample(
        image=f"{row['image']}#xywh={rectangle}" if rectangle else row["image"],
        subject=cells["subject"],
        expression=expression_name(row["expression"]),
        reference=row["reference"] if cells["reference"] else None,  # blanks may be part of the name of a file
        session=cells["session"],
        lighting=cells["lighting"],
        fold=fold,
        usage=usage,
        intensity=intensity,
        votes=None if cells["votes"] is None else _votes(cells["votes"], place, expression_name),
        attributes=tuple((name, text) for name in further if (text := (row[name] or "").strip())),
    )


def _fold(text: str | None, place: str) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text):  # `isdigit` holds for a superscript 2 as well
        raise UserError(f"{place}: fold {text!r} is not a number from 0")
    return int(text)


def _usage(text: str | None, place: str) -> Usage | None:
    if text is None:
        return None
    usage = USAGE.get(text.strip().lower())
    if usage is None:
        raise UserError(f"{place}: part {text!r} is not train, validation or test")
    return usage


def _rectangle(row: Row, place: str) -> str:
    """The box as it stands in the name of a picture; empty where there is none."""
    cells = [(row.get(name) or "").strip() for name in BOX]
    if not any(cells):
        return ""
    box = [round(_number(cell, name, place)) for name, cell in zip(BOX, cells, strict=True)]
    if box[2] < 1 or box[3] < 1:
        raise UserError(f"{place}: the box {','.join(cells)} is empty; w and h are its width and height in pixels")
    return ",".join(map(str, box))


def _number(text: str, column: str, place: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise UserError(f"{place}: intensity and x, y, w, h are numbers ({column} is {text!r})") from error
    if not math.isfinite(number) or abs(number) > LARGEST_NUMBER:
        raise UserError(f"{place}: {column} is {text!r}, which is no place in a picture and no intensity")
    return number


def _votes(text: str, place: str, expression_name: Callable[[str], str]) -> tuple[tuple[str, float], ...]:
    try:
        pairs = [vote.split("=") for vote in text.split(";")]
        votes = tuple((expression_name(name), float(count)) for name, count in pairs)
    except ValueError as error:
        raise UserError(f"{place}: votes {text!r} are not written as anger=3;neutral=7") from error
    if not all(0 <= count < LARGEST_NUMBER for _, count in votes):
        raise UserError(f"{place}: votes {text!r} are not numbers of raters")
    return votes
