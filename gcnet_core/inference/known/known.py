"""People who are known: from pictures of somebody to what a query of theirs is compared with."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answerer, KnownPerson, Prepared
from gcnet_core.inference.known.person import Person, as_known, together
from gcnet_core.inference.pictures import Picture, as_pictures
from gcnet_core.inference.pipeline import found_faces
from gcnet_core.inference.results import FaceResult
from gcnet_core.plugin_api import UserError

BATCH = 64
"""Pictures of a person that are embedded at a time."""
Tell = Callable[[str], None]
"""Takes what a user should know."""


def enrolled(
    answerer: Answerer,
    finder: FaceFinder | None,
    pictures: Iterable[Picture],
    *,
    calm: bool,
    name: str = "",
    tell: Tell | None = None,
) -> Person:
    """A person, of pictures that each show them.

    Args:
        answerer: the model.
        finder: cuts out faces; None if each picture is a prepared face.
        pictures: at least one, each with a face; frames of a video without one are passed over.
        calm: whether they show the face at rest; otherwise they are an album of any expressions.
        name: of the person.
        tell: takes a note where the largest of several faces is taken; None: several are refused.

    Raises:
        UserError: naming the picture that cannot be read or shows no face, or several; or if the model takes no
            references.
    """
    faces, checksums = [], []
    for picture in pictures:
        found = found_faces(picture, finder, answerer.image)
        if picture.frame is not None and found[0].query is None:
            continue
        face = only_face(found, picture.file, tell)
        assert face.query is not None
        faces.append(face.query)
        checksums.append("" if picture.frame is not None else checksum_of(picture.file))
    if not faces:
        raise UserError(f"{name or 'the person'}: no picture, or no frame with a face, was given")
    return Person(name, codes_of(answerer, np.stack(faces), calm=calm), tuple(checksums))


def codes_of(answerer: Answerer, faces: Prepared, *, calm: bool) -> np.ndarray:
    """Embeddings of any number of faces, some at a time."""
    starts = range(0, len(faces), BATCH)
    return np.concatenate([answerer.codes(faces[start : start + BATCH], calm=calm) for start in starts])


def only_face(faces: Sequence[FaceResult], picture: str, tell: Tell | None) -> FaceResult:
    """The face of a picture that shows one person.

    Args:
        faces: that were found, or the reason why there is none.
        picture: its name.
        tell: takes a note where the largest of several faces is taken; None: several are refused.

    Raises:
        UserError: if there is none, or several are refused.
    """
    there = [face for face in faces if face.query is not None]
    if not there:
        raise UserError(f"{picture}: {faces[0].reason}; a picture of a person must show their face")
    if len(there) == 1:
        return there[0]
    if tell is None:
        raise UserError(
            f"{picture}: {len(there)} faces, and nobody knows whose is meant; cut one out (`gcnet "
            "calibrate --largest` takes the largest)"
        )
    tell(f"note: {picture}: {len(there)} faces; the largest is taken")
    return max(there, key=lambda face: face.face.box[2] * face.face.box[3] if face.face else 0)


class KnownPeople:
    """What is known of the people in queries, for `Pipeline`; a query's own picture is never among theirs.

    Args:
        person_of: says who is in a query; None where nobody knows.
    """

    def __init__(self, person_of: Callable[[FaceResult], Person | None]) -> None:
        self._person_of = person_of
        self.alone = 0
        """Faces so far of which nothing was known."""

    def __call__(self, faces: Sequence[FaceResult]) -> KnownPerson | None:
        """What is known of the people in some faces."""
        persons = [self._without_itself(face) for face in faces]
        self.alone += sum(person is None or not len(person) for person in persons)
        return as_known(persons)

    def _without_itself(self, face: FaceResult) -> Person | None:
        person = self._person_of(face)
        own = "" if person is None or face.frame is not None else checksum_of(face.file)
        return person.without(own) if person is not None and own else person


def one_person(
    answerer: Answerer,
    finder: FaceFinder | None,
    *,
    calm: Any = None,
    album: Any = None,
    others: Sequence[Person] = (),
    tell: Tell | None = None,
) -> KnownPeople | None:
    """The same person in all queries.

    Args:
        answerer: the model.
        finder: cuts out faces; None if each picture is a prepared face.
        calm: pictures of the face at rest, whatever `as_pictures` takes.
        album: other pictures of the person.
        others: more of the same person, as from a file.
        tell: takes a note where the largest of several faces is taken.

    Returns:
        None if nothing is given.

    Raises:
        UserError: see `enrolled`.
    """
    persons = list(others)
    for pictures, at_rest, name in ((calm, True, "reference"), (album, False, "album")):
        if pictures is not None:
            persons.append(enrolled(answerer, finder, as_pictures(pictures), calm=at_rest, name=name, tell=tell))
    if not persons:
        return None
    person = together(persons)
    return KnownPeople(lambda face: person)


@lru_cache(maxsize=4096)
def checksum_of(file: str) -> str:
    """SHA-256 of a file; empty for what is none, such as an array."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except (OSError, ValueError):
        return ""
