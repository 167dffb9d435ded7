"""PredictOptions: what `gcnet predict` was asked for; no torch, no OpenCV."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Faces(StrEnum):
    """Whether faces are sought."""

    FIND = "find"
    PREPARED = "prepared"


class Format(StrEnum):
    """How rows are written."""

    csv = "csv"
    json = "json"
    jsonl = "jsonl"
    table = "table"


class Expressions(StrEnum):
    """What pictures of a person show."""

    calm = "calm"
    any = "any"


class Calm(StrEnum):
    """Where a face's reference comes from that nobody gives."""

    auto = "auto"


@dataclass(frozen=True)
class KnownOptions:
    """What a user gives of the people in the pictures."""

    reference: tuple[Path, ...] = ()
    album: tuple[Path, ...] = ()
    person: tuple[Path, ...] = ()
    people: Path | None = None
    calm: Calm | None = None
    offline: bool = False


@dataclass(frozen=True)
class PredictOptions:
    """What a user wants to know, and where it shall stand. The command explains each; defaults live there.

    Args:
        summary: whether scripts read standard output: JSON rows, or with `output` the counts alone.
    """

    paths: tuple[str, ...]
    model: str | None
    output: Path | None
    form: Format | None
    overlay: Path | None
    faces: Faces
    detector: str | None
    settings: tuple[str, ...]
    every: float | None
    seconds: float | None
    force: bool
    batch_size: int
    workers: int | None
    device: str | None
    plugins: tuple[str, ...]
    summary: bool
    known: KnownOptions = KnownOptions()
    explain: Path | None = None
