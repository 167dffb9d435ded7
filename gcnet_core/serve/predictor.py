"""Predictor: a recognizer as the server asks it, with what can be asked of it found out once, at the start."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import cv2
import numpy as np

from gcnet_core.inference.answers import KnownPerson
from gcnet_core.inference.known.person import as_known
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.recognizer import Faces, Recognizer
from gcnet_core.inference.results import FaceResult
from gcnet_core.plugin_api import UserError
from gcnet_core.serve.answers import picture_answer
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.person import Check, Enrollment, Upload
from gcnet_core.serve.schemas import ModelInfo, PictureAnswer, RequestLimits
from gcnet_core.version import __version__

BATCH = 32


@dataclass(frozen=True)
class Question:
    """What is asked.

    Args:
        uploads: pictures.
        faces: find them, or take each picture as a prepared face.
        calm: pictures of the face at rest of the person in all of them.
        album: other pictures of that person.
        with_pictures: whether the faces are sent back.
    """

    uploads: Sequence[Upload]
    faces: Faces = "find"
    calm: Sequence[Upload] = ()
    album: Sequence[Upload] = ()
    with_pictures: bool = True

    def __len__(self) -> int:
        return len(self.uploads) + len(self.calm) + len(self.album)


class Predictor:
    """Answers for pictures that were sent.

    Args:
        recognizer: with the model.
        limits: of a picture.
        needs_finder: whether it is an error, rather than a note, if nobody knows how faces must be cut out.

    Raises:
        UserError: if the detector is not there.
    """

    def __init__(self, recognizer: Recognizer, limits: Limits, needs_finder: bool = False) -> None:
        self.recognizer, self.limits = recognizer, limits
        self.enroll = Enrollment(recognizer, limits.pixels)
        answerer = recognizer.answerer
        self.reason = ""
        try:
            self.detector: str | None = recognizer.finder.config.detector.type
        except UserError as error:
            if needs_finder or answerer.preparation is not None or answerer.framing is not None:
                raise
            self.detector, self.reason = None, str(error)

    @property
    def info(self) -> ModelInfo:
        """What the page must know."""
        answerer, limits = self.recognizer.answerer, self.limits
        return ModelInfo(
            name=answerer.name,
            classes=list(answerer.classes),
            size=answerer.image.size,
            channels=answerer.image.channels,
            takes_references=answerer.takes_references,
            finds_faces=self.detector is not None,
            reason=self.reason,
            detector=self.detector,
            limits=RequestLimits(
                megabytes=limits.megabytes,
                megapixels=limits.megapixels,
                pictures=limits.pictures,
                seconds=limits.seconds,
            ),
            version=__version__,
        )

    def warm_up(self) -> None:
        """Answer once, so that the first person need not wait for what is loaded late."""
        image = self.recognizer.answerer.image
        content = cv2.imencode(".png", np.full((image.size, image.size), 127, np.uint8))[1].tobytes()
        for faces in get_args(Faces) if self.detector is not None else ("prepared",):
            self.answer(Question([Upload("", content)], faces, with_pictures=False), lambda: None)

    def answer(self, question: Question, check: Check) -> list[PictureAnswer]:
        """Answer for some pictures.

        Args:
            question: what is asked.
            check: asked before each picture; raises where the time is over.

        Raises:
            UserError: if faces cannot be found for this model, or pictures of the person are of no use.
        """
        person = self.enroll(question.calm, question.album, question.faces, check)
        sizes: list[tuple[int, int] | None] = []

        def pictures() -> Iterator[Picture]:
            """Numbers stand for names, which are somebody else's words; of all pixels only the size is kept."""
            for number, upload in enumerate(question.uploads):
                check()
                picture = upload.read(self.limits.pixels)
                sizes.append(None if picture.pixels is None else (picture.pixels.shape[1], picture.pixels.shape[0]))
                yield replace(picture, file=str(number))

        def known(faces: Sequence[FaceResult]) -> KnownPerson | None:
            """The person, without the picture that is asked for."""
            assert person is not None
            return as_known([person.without(question.uploads[int(face.file)].checksum) for face in faces])

        pipeline = self.recognizer.pipeline(
            question.faces,
            batch_size=BATCH,
            known=known if person else None,
            with_reference=question.with_pictures,
        )
        found = list(pipeline(pictures()))
        return [
            picture_answer(upload.name, size, faces, question.with_pictures)
            for upload, size, faces in zip(question.uploads, sizes, found, strict=True)
        ]
