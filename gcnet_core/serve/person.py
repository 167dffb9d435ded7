"""The person in the pictures of a request, known from other pictures that were sent with it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gcnet_core.inference.known.known import codes_of, only_face
from gcnet_core.inference.known.person import Person, together
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.pipeline import found_faces
from gcnet_core.inference.recognizer import Faces, Recognizer
from gcnet_core.serve.uploads import read_upload

Check = Callable[[], None]
"""Raises where the time is over."""


@dataclass(frozen=True)
class Upload:
    """A picture that was sent: its file's name and content."""

    name: str
    content: bytes

    @cached_property
    def checksum(self) -> str:
        """Of the content."""
        return hashlib.sha256(self.content).hexdigest()

    def read(self, pixels: int) -> Picture:
        """Decode it, if it has no more pixels than allowed."""
        return read_upload(self.name, self.content, pixels)


class Enrollment:
    """Embeds pictures of a person, and remembers the last one: frames of a camera come with the same pictures.

    Args:
        recognizer: with the model.
        pixels: that a picture may have.
    """

    def __init__(self, recognizer: Recognizer, pixels: int) -> None:
        self.recognizer, self.pixels = recognizer, pixels
        self._last: tuple[object, Person | None] = (None, None)

    def __call__(self, calm: Sequence[Upload], album: Sequence[Upload], faces: Faces, check: Check) -> Person | None:
        """Somebody of whom there are pictures.

        Args:
            calm: pictures of the face at rest.
            album: other pictures.
            faces: find them, or take each picture as a prepared face.
            check: asked before each picture.

        Returns:
            None without pictures.

        Raises:
            UserError: naming the picture that cannot be used, or if the model looks at the query alone.
        """
        asked = (tuple(upload.checksum for upload in calm), tuple(upload.checksum for upload in album), faces)
        if asked != self._last[0]:
            parts = [(calm, True), (album, False)]
            found = [self._embedded(uploads, at_rest, faces, check) for uploads, at_rest in parts if uploads]
            self._last = (asked, together(found) if found else None)
        return self._last[1]

    def _embedded(self, uploads: Sequence[Upload], at_rest: bool, faces: Faces, check: Check) -> Person:
        answerer = self.recognizer.answerer
        finder = self.recognizer.finder if faces == "find" else None
        prepared = []
        for upload in uploads:
            check()
            face = only_face(found_faces(upload.read(self.pixels), finder, answerer.image), upload.name, None)
            prepared.append(face.query)
        codes = codes_of(answerer, np.stack([face for face in prepared if face is not None]), calm=at_rest)
        return Person("the person", codes, tuple(upload.checksum for upload in uploads))
