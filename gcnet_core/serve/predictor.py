"""Predictor: a recognizer as the server asks it, with what can be asked of it found out once, at the start."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.recognizer import Faces, Recognizer
from gcnet_core.plugin_api import UserError
from gcnet_core.serve.answers import picture_answer
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.schemas import ModelInfo, PictureAnswer, RequestLimits
from gcnet_core.serve.uploads import read_upload
from gcnet_core.version import __version__

BATCH = 32
Check = Callable[[], None]
"""Raises where the time is over."""


@dataclass(frozen=True)
class Upload:
    """A picture that was sent: its file's name and content."""

    name: str
    content: bytes


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
        blank = Picture("", np.full((image.size, image.size, image.channels), 127, np.uint8))
        self._answers([blank], "prepared", with_pictures=False)
        if self.detector is not None:
            self._answers([blank], "find", with_pictures=False)

    def answer(self, uploads: Sequence[Upload], faces: Faces, with_pictures: bool, check: Check) -> list[PictureAnswer]:
        """Answer for some pictures.

        Args:
            uploads: which.
            faces: find them, or take each picture as a prepared one.
            with_pictures: whether the faces are sent back.
            check: asked before each picture.

        Raises:
            UserError: if faces cannot be found for this model.
        """

        sent = self._read(uploads, check)
        return self._answers(sent, faces, with_pictures)

    def _read(self, uploads: Sequence[Upload], check: Check) -> Iterator[Picture]:
        for upload in uploads:
            check()
            yield read_upload(upload.name, upload.content, self.limits.pixels)

    def _answers(self, sent: Iterable[Picture], faces: Faces, with_pictures: bool) -> list[PictureAnswer]:
        sizes: list[tuple[int, int] | None] = []

        def noted() -> Iterator[Picture]:
            """Only sizes are kept of the pictures: all of them decoded would fill the memory."""
            for picture in sent:
                sizes.append(None if picture.pixels is None else (picture.pixels.shape[1], picture.pixels.shape[0]))
                yield picture

        pipeline = self.recognizer.pipeline(faces, batch_size=BATCH, with_reference=with_pictures)
        found = list(pipeline(noted()))
        return [picture_answer(size, faces, with_pictures) for size, faces in zip(sizes, found, strict=True)]
