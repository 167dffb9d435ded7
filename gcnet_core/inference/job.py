"""A job of `gcnet predict`: all pictures of some sources through a model, to whoever wants the answers."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import cv2

from gcnet_core.inference.pictures import Picture, Unread
from gcnet_core.inference.pipeline import Pipeline
from gcnet_core.inference.results import NO_FACE, FaceResult
from gcnet_core.inference.sources import Source
from gcnet_core.inference.videos.frames import Camera

Sink = Callable[[Source, Picture, list[FaceResult]], None]
"""Takes a picture with its faces: writes rows, draws, counts."""
Searched = Callable[[list[FaceResult]], None]
"""Is told of the faces of a picture when they are found; they are answered when a batch has come together."""


@dataclass
class Counts:
    """How a job went.

    Args:
        pictures: that were looked at, frames of videos among them.
        faces: that were found.
        none: pictures without a face.
        unreadable: pictures that could not be read.
    """

    pictures: int = 0
    faces: int = 0
    none: int = 0
    unreadable: int = 0
    started: float = field(default_factory=time.monotonic)

    def add(self, faces: Sequence[FaceResult]) -> None:
        """Count one picture."""
        self.pictures += 1
        self.faces += sum(face.query is not None for face in faces)
        self.none += faces[0].reason == NO_FACE
        self.unreadable += faces[0].query is None and faces[0].reason != NO_FACE

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.started

    def as_json(self) -> dict[str, float]:
        """For files and scripts."""
        counts = {"pictures": self.pictures, "faces": self.faces, "none": self.none, "unreadable": self.unreadable}
        return {**counts, "seconds": round(self.seconds, 3)}

    def __str__(self) -> str:
        pictures = f"{self.pictures} picture{'' if self.pictures == 1 else 's'}"
        faces = f"{self.faces} face{'' if self.faces == 1 else 's'}"
        return f"{pictures}, {faces}, {self.none} without a face, {self.unreadable} unreadable, {self.seconds:.1f} s"


def expected(sources: Iterable[Source]) -> int | None:
    """How many pictures there are, about; None if a camera, or a damaged video, is among them."""
    total = 0
    for source in sources:
        count = source.expected()
        if count is None:
            return None
        total += count
    return total


def run_job(
    pipeline: Pipeline,
    sources: Sequence[Source],
    sinks: Sequence[Sink],
    counts: Counts,
    *,
    keep_pixels: bool = False,
    searched: Searched = lambda faces: None,
) -> None:
    """Look at all pictures, each source after the other.

    Args:
        pipeline: finds the faces and answers.
        sources: where the pictures are.
        sinks: what takes them, in order.
        counts: are counted up, so that they are true after Ctrl-C too.
        keep_pixels: whether a sink needs the pictures themselves.
        searched: shows how far it is.
    """
    owners: deque[Source] = deque()  # of the pictures that are on their way, in order

    def pictures() -> Iterator[Picture | Unread]:
        for source in sources:
            for picture in source.pictures():
                owners.append(source)
                yield picture

    def numbered(faces: list[FaceResult]) -> list[FaceResult]:
        searched(faces)
        return pipeline.numbered(faces) if pipeline.numbered else faces

    with _threads_for_pictures(pipeline.workers):
        for picture, faces in replace(pipeline, numbered=numbered).seen(pictures(), keep_pixels=keep_pixels):
            source = owners.popleft()
            for sink in sinks:
                sink(source, picture, faces)
            counts.add(faces)  # last, so that after Ctrl-C what is counted was written


def is_live(sources: Sequence[Source]) -> bool:
    """Whether somebody waits before a camera."""
    return any(isinstance(source, Camera) for source in sources)


@contextmanager
def _threads_for_pictures(workers: int) -> Iterator[None]:
    """OpenCV works on a picture with one thread while several pictures are worked on."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1 if workers > 1 else threads)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
