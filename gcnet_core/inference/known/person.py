"""Person: embeddings of somebody's pictures, and the file in which they are kept without the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float
from pydantic import Field

from gcnet_core.inference.answers import Answerer, KnownPerson
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.intact import is_there
from gcnet_core.runs.record import Record, read_record, write_record
from gcnet_core.version import __version__

Expressions = Literal["calm", "any"]
"""What pictures of a person show: the face at rest, or whatever a phone's album holds."""

PRIVATE = 0o600
"""Embeddings tell people apart: nobody but their owner reads the file."""


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody of whom there are pictures.

    Args:
        name: for messages.
        codes: embeddings of the pictures, by one model.
        checksums: SHA-256 of the file of each picture; empty where it is in no file.
    """

    name: str
    codes: Float[np.ndarray, "picture embedding"]
    checksums: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def without(self, checksum: str) -> "Person":
        """The same person without one picture."""
        kept = [row for row, own in enumerate(self.checksums) if own != checksum]
        return Person(self.name, self.codes[kept], tuple(self.checksums[row] for row in kept))


def together(persons: Sequence[Person]) -> Person:
    """One person of whom pictures came from several places.

    Args:
        persons: at least one.
    """
    checksums = tuple(checksum for person in persons for checksum in person.checksums)
    return Person(persons[0].name, np.concatenate([person.codes for person in persons]), checksums)


def as_known(persons: Sequence[Person | None]) -> KnownPerson | None:
    """What is known of the people in some queries.

    Args:
        persons: in each query; None where nobody is known.

    Returns:
        None if nobody is known in any.
    """
    found = [person for person in persons if person is not None and len(person)]
    if not found:
        return None
    width, most = found[0].codes.shape[1], max(map(len, found))
    codes, known = np.zeros((len(persons), most, width), np.float32), np.zeros((len(persons), most), bool)
    for row, person in enumerate(persons):
        if person is not None:
            codes[row, : len(person)] = person.codes
            known[row, : len(person)] = True
    return KnownPerson(codes, known)


class PictureRecord(Record):
    """One picture of a person's file.

    Args:
        sha256: of the file that showed it; empty for a frame of a video.
        expressions: what it shows.
        code: embedding.
    """

    sha256: str
    expressions: Expressions
    code: tuple[float, ...]


class PersonRecord(Record):
    """A person's file, which `gcnet calibrate` writes: biometric data, though no picture.

    Args:
        name: of the person.
        model: name of the model, for messages.
        identity: of the model, see `Answerer.identity`.
        classes: of the model.
        pictures: in the order in which they were given.
        made: day on which it was written.
        gcnet: version that wrote it.
    """

    name: str
    model: str
    identity: str
    classes: tuple[str, ...]
    pictures: tuple[PictureRecord, ...] = Field(min_length=1)
    made: date
    gcnet: str


def write_person(path: Path, person: Person, answerer: Answerer, expressions: Expressions) -> None:
    """Write a person's file.

    Args:
        path: where to.
        person: with at least one picture.
        answerer: the model that made the embeddings.
        expressions: what the pictures show.
    """
    pictures = [
        PictureRecord(sha256=checksum, expressions=expressions, code=tuple(round(float(value), 7) for value in code))
        for checksum, code in zip(person.checksums, person.codes, strict=True)
    ]
    record = PersonRecord(
        name=person.name,
        model=answerer.name,
        identity=answerer.identity,
        classes=answerer.classes,
        pictures=tuple(pictures),
        made=date.today(),
        gcnet=__version__,
    )
    write_record(path, record)
    path.chmod(PRIVATE)


def read_person(path: Path, answerer: Answerer) -> Person:
    """Read a person's file.

    Args:
        path: of the file.
        answerer: the model that is to use it.

    Raises:
        UserError: if it is not there or damaged, or was made by another model.
    """
    if not is_there(path):
        raise UserError(f"{path}: no such file; `gcnet calibrate MODEL PICTURES --output {path}` writes one")
    record = read_record(path, PersonRecord)
    if record.identity != answerer.identity:
        raise UserError(
            f"{path}: made by another model ({record.model}), whose embeddings mean nothing to {answerer.name}; "
            "calibrate again with this one, from the pictures"
        )
    if len({len(picture.code) for picture in record.pictures}) > 1:
        raise UserError(f"{path}: damaged: its embeddings are not all of one length; calibrate again")
    codes = np.array([picture.code for picture in record.pictures], np.float32)
    return Person(record.name, codes, tuple(picture.sha256 for picture in record.pictures))
