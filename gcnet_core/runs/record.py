"""Records: what the JSON files of a run say, as types; written with the number of their format, read from older.

A file that holds one record ends with the checksum of what it says, so that no flipped bit is taken for a figure.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from gcnet_core.files import write_text
from gcnet_core.plugin_api import Options, UserError
from gcnet_core.runs.intact import is_there

FORMAT = 1
"""Of summary.json, metrics.jsonl and comparison.json; gcnet 0.1 wrote no number, with some keys named otherwise."""
CHECKSUM = "sha256"
"""Last key of a file that holds one record; gcnet 0.5 and older wrote none, and whoever edits a file takes it out."""
LARGEST = 2**63
"""Bound of whole numbers; what is longer is no figure of a run."""


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
    values = {"format": FORMAT, **record.dump()}
    write_text(path, json.dumps({**values, CHECKSUM: checksum(values)}, indent=2) + "\n")


def checksum(values: Mapping[str, Any]) -> str:
    """SHA-256 of what a record says, however its text is laid out."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read_record(path: Path, kind: type[Kind]) -> Kind:
    """Read what `write_record` wrote, or what an older version did.

    Args:
        path: the file, which exists.
        kind: record to be read.

    Raises:
        UserError: if the file is damaged, or changed since, or of a newer format.
    """
    return parse_record(str(path), read_text(path), kind)


def as_line(record: Record) -> str:
    """A record as one line of a JSONL file."""
    return json.dumps({"format": FORMAT, **record.dump()}) + "\n"


def read_lines(path: Path, kind: type[Kind]) -> list[Kind]:
    """Read the lines of a JSONL file; none if it does not exist.

    Raises:
        UserError: if a line is damaged, or of a newer format.
    """
    lines: Sequence[str] = read_text(path).splitlines() if is_there(path) else ()
    return [parse_record(f"{path}:{number}", line, kind) for number, line in enumerate(lines, start=1)]


def read_values(path: Path) -> Any:
    """What a JSON file holds, without a record that describes it.

    Raises:
        UserError: if the file is damaged.
    """
    return _values(str(path), read_text(path))


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        UserError: if it is none, or cannot be read.
    """
    if not is_there(path):
        raise UserError(f"{path}: no such file")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: damaged, it is no text ({error.reason})") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error


def parse_record(place: str, text: str, kind: type[Kind]) -> Kind:
    """Read a record that is a text somewhere else than in a file of its own.

    Args:
        place: where it is, for messages.
        text: as `as_line` makes it.
        kind: record to be read.

    Raises:
        UserError: if it is damaged, or changed since, or of a newer format.
    """
    written = _values(place, text)
    recorded = written.pop(CHECKSUM, None) if isinstance(written, dict) else None
    found = checksum(written) if recorded is not None else None
    version = written.pop("format", 0) if isinstance(written, dict) else 0
    if isinstance(version, int) and version > FORMAT:
        raise UserError(
            f"{place}: format {version}; this gcnet reads formats up to {FORMAT}; install a newer gcnet to read it"
        )
    if version not in range(FORMAT + 1) or isinstance(version, bool):
        raise UserError(f"{place}: damaged, or not written by gcnet (format: {version!r} is no number of a format)")
    if found != recorded:
        raise UserError(
            f"{place}: damaged or changed: it does not say what gcnet wrote, by the checksum at its end. Copy it again "
            f"from where it was whole; who changed it on purpose takes its line `{CHECKSUM}` out"
        )
    try:
        return TypeAdapter(kind).validate_python(written)
    except ValidationError as error:
        faults = "; ".join(map(_fault, error.errors()[:3]))
        raise UserError(f"{place}: damaged, or not written by gcnet ({faults})") from error


def _values(place: str, text: str) -> Any:
    try:
        return json.loads(text, parse_int=_whole_number)
    except RecursionError as error:
        raise UserError(f"{place}: damaged, or not written by gcnet (it is nested too deeply)") from error
    except ValueError as error:  # also a number of more digits than Python reads
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise UserError(f"{place}: damaged, it is no JSON ({reason})") from error


def _whole_number(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST:
        raise ValueError(f"a whole number of {len(digits)} digits")
    return int(digits)


def _fault(error: ErrorDetails) -> str:
    """What is wrong, with the key in which it is."""
    key = ".".join(map(str, error["loc"]))
    return f"{key}: {error['msg']}" if key else error["msg"]
