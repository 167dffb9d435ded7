"""Pictures in, results out: read ahead, find faces on all cores, answer in batches, keep the order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np
from jaxtyping import UInt8

from gcnet_core.data.prepare import prepare
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answerer, KnownPerson
from gcnet_core.inference.pictures import Picture, Unread
from gcnet_core.inference.results import NO_FACE, FaceResult
from gcnet_core.plugin_api import ImageConfig

AHEAD = 4
"""Pictures for each worker that are read and searched before they are asked for."""
HELD = 256 * 2**20
"""Bytes of pictures that may wait for the faces of a batch to come together."""

Known = Callable[[Sequence[FaceResult]], KnownPerson | None]
"""What is known of the people in some faces."""
Numbered = Callable[[list[FaceResult]], list[FaceResult]]
"""Numbers the faces of one picture after another; see `tracking`."""
Watch = Callable[[Picture, UInt8[np.ndarray, "height width channel"]], None]
"""Is shown each picture, and each face that is cut out of one, by the workers, in any order."""
Seen = tuple[Picture, list[FaceResult]]
"""A picture and its faces."""
Thing = TypeVar("Thing")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Pipeline:
    """Finds the faces of pictures and lets a model answer for them.

    Args:
        answerer: the model.
        finder: cuts out faces; None if each picture is a prepared face.
        batch_size: faces that are answered at a time.
        workers: pictures that are searched at a time.
        known: what is known of the people; None: nothing.
        with_reference: whether generated neutral faces are wanted.
        numbered: gives faces their numbers before they are answered, picture after picture; None: from left to right.
        watch: is shown what is looked at; None: nobody.
    """

    answerer: Answerer
    finder: FaceFinder | None
    batch_size: int = 64
    workers: int = 1
    known: Known | None = None
    with_reference: bool = False
    numbered: Numbered | None = None
    watch: Watch | None = None

    def __call__(self, pictures: Iterable[Picture | Unread]) -> Iterator[list[FaceResult]]:
        """The faces of each picture, from left to right, or one result that says why there are none; in order."""
        return (faces for _, faces in self.seen(pictures, keep_pixels=False))

    def seen(self, pictures: Iterable[Picture | Unread], *, keep_pixels: bool = True) -> Iterator[Seen]:
        """Each picture with its faces, in order.

        Args:
            pictures: read, or to be read by the workers.
            keep_pixels: whether the pictures are needed beside what was found in them.
        """
        waiting: list[Seen] = []
        faces = held = 0

        def look(picture: Picture | Unread) -> Seen:
            read = picture() if callable(picture) else picture
            found = found_faces(read, self.finder, self.answerer.image, self.watch)
            return (read if keep_pixels else replace(read, pixels=None)), found

        for picture, found in _in_order(look, pictures, self.workers):
            waiting.append((picture, self.numbered(found) if self.numbered else found))
            faces += sum(face.query is not None for face in found)
            held += 0 if picture.pixels is None else picture.pixels.nbytes
            long = len(waiting) >= 4 * self.batch_size  # no face must not mean no row for long
            if faces >= self.batch_size or held >= HELD or long:
                yield from self._answered(waiting)
                waiting, faces, held = [], 0, 0
        yield from self._answered(waiting)

    def _answered(self, waiting: Sequence[Seen]) -> Iterator[Seen]:
        """The answers to all that waits."""
        asked = [face for _, faces in waiting for face in faces if face.query is not None]
        answers = iter(self.answers(asked))
        for picture, faces in waiting:
            yield picture, [face if face.query is None else next(answers) for face in faces]

    def answers(self, faces: Sequence[FaceResult]) -> Iterator[FaceResult]:
        """The same faces with what the model says of them."""
        for start in range(0, len(faces), self.batch_size):
            asked = faces[start : start + self.batch_size]
            queries = np.stack([face.query for face in asked if face.query is not None])
            known = self.known(asked) if self.known else None
            answers = self.answerer.answer(queries, known, with_reference=self.with_reference)
            for row, face in enumerate(asked):
                yield replace(
                    face,
                    probabilities=dict(zip(self.answerer.classes, map(float, answers.probabilities[row]), strict=True)),
                    distance=None if answers.distance is None else float(answers.distance[row]),
                    reference=None if answers.reference is None else answers.reference[row],
                )


def found_faces(
    picture: Picture, finder: FaceFinder | None, image: ImageConfig, watch: Watch | None = None
) -> list[FaceResult]:
    """The faces of a picture, prepared for a model, from left to right; or one result with a reason.

    Args:
        picture: which may be one that could not be read.
        finder: cuts out faces; None if the picture is a prepared face.
        image: size and channels that the model expects.
        watch: is shown the picture and its faces.
    """
    blank = FaceResult(picture.file, picture.frame, picture.time)
    if picture.pixels is None:
        return [replace(blank, reason=picture.reason)]
    if watch:
        watch(picture, picture.pixels)
    if finder is None:
        return [replace(blank, number=1, query=prepare(picture.pixels, image))]
    crops = finder.find(picture.pixels, picture.file).crops
    if not crops:
        return [replace(blank, reason=NO_FACE)]
    if watch:
        for crop in crops:
            watch(picture, crop.pixels)
    crops = tuple(sorted(crops, key=lambda crop: crop.face.box[0] + crop.face.box[2] / 2))
    return [
        replace(blank, number=number, face=crop.face, query=prepare(crop.pixels, image))
        for number, crop in enumerate(crops, start=1)
    ]


def _in_order(make: Callable[[Thing], Made], things: Iterable[Thing], workers: int) -> Iterator[Made]:
    """What is made of each thing, in their order, with a few made ahead of the one that is waited for."""
    if workers < 2:
        yield from map(make, things)
        return
    source = iter(things)
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Made]] = deque(pool.submit(make, thing) for thing in islice(source, AHEAD * workers))
        try:
            while waiting:
                made = waiting.popleft().result()
                waiting.extend(pool.submit(make, thing) for thing in islice(source, 1))
                yield made
        finally:
            for future in waiting:  # after an error, or when nobody wants the rest
                future.cancel()
