"""Records: what the JSON files of a run say, as types; written with the number of their format, read from older."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gcnet_core.files import write_text
from gcnet_core.plugin_api import Options, UserError

FORMAT = 1
"""Of summary.json, metrics.jsonl and comparison.json; gcnet 0.1 wrote no number, with some keys named otherwise."""


class Record(Options):
    """A mapping in a JSON file that gcnet writes.

    A field without a default is in every file. One with a default is written only where it was set: some runs, or
    older versions, do not have it. Keys that are not known are passed over.
    """

    model_config = ConfigDict(extra="ignore", serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    def dump(self) -> dict[str, Any]:
        """As JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)


class Interval(NamedTuple):
    """Bounds of a 95 % interval."""

    low: float
    high: float


Kind = TypeVar("Kind")


def write_record(path: Path, record: Record) -> None:
    """Write a file that holds one record."""
    write_text(path, json.dumps({"format": FORMAT, **record.dump()}, indent=2) + "\n")


def read_record(path: Path, kind: type[Kind]) -> Kind:
    """Read what `write_record` wrote, or what an older version did.

    Args:
        path: the file, which exists.
        kind: record to be read.

    Raises:
        UserError: if the file is damaged, or of a newer format.
    """
    return _parsed(path, path.read_text(encoding="utf-8"), kind)


def as_line(record: Record) -> str:
    """A record as one line of a JSONL file."""
    return json.dumps({"format": FORMAT, **record.dump()}) + "\n"


def read_lines(path: Path, kind: type[Kind]) -> list[Kind]:
    """Read the lines of a JSONL file; none if it does not exist.

    Raises:
        UserError: if a line is damaged, or of a newer format.
    """
    lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines() if path.is_file() else ()
    return [_parsed(path, line, kind) for line in lines]


def _parsed(path: Path, text: str, kind: type[Kind]) -> Kind:
    try:
        written = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"{path}: damaged, it is no JSON ({error})") from error
    version = written.pop("format", 0) if isinstance(written, dict) else 0
    if version not in range(FORMAT + 1):
        raise UserError(
            f"{path}: format {version}; this gcnet reads formats up to {FORMAT}; install a newer gcnet to read it"
        )
    try:
        return TypeAdapter(kind).validate_python(written)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:3])
        raise UserError(f"{path}: damaged, or not written by gcnet ({faults})") from error
