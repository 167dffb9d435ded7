"""The folder of `gcnet predict --overlay`: a picture for each picture, a video for each video."""

import re
from pathlib import Path, PurePosixPath

import cv2

from gcnet_core.files import write_bytes, write_text
from gcnet_core.inference.overlay.drawing import class_names, overlay
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Source
from gcnet_core.inference.videos.frames import Camera, Video
from gcnet_core.inference.videos.writer import VideoFile
from gcnet_core.output.drawn_names import legend_of
from gcnet_core.plugin_api import UserError
from gcnet_core.temporary import holds_something

PICTURE, VIDEO = ".jpg", ".mp4"
LEGEND = "names.txt"
"""Beside drawings in which numbers stand for expressions."""
QUALITY = 92


class OverlayFolder:
    """Draws the faces of all pictures into files of one folder; a context manager, as videos must be finished.

    Args:
        folder: which may not hold anything, unless it is to be overwritten.
        force: whether files that are there are replaced.

    Raises:
        UserError: if there is something else.
    """

    def __init__(self, folder: Path, force: bool = False) -> None:
        if folder.exists() and not folder.is_dir():
            raise UserError(f"--overlay {folder}: is a file; give the name of a folder")
        if not force and holds_something(folder):
            raise UserError(f"--overlay {folder}: already holds something; give a new folder, or --force to replace")
        self.folder, self.taken = folder, set[str]()
        self.film: VideoFile | None = None
        self.explained = False
        self.filmed = ""  # the source of the video that is being written

    def __enter__(self) -> "OverlayFolder":
        return self

    def __exit__(self, *error: object) -> None:
        if self.film is not None:
            self.film.close()

    def __call__(self, source: Source, picture: Picture, faces: list[FaceResult]) -> None:
        """Draw one picture."""
        if picture.pixels is None:
            return
        self._explain_numbers(faces)
        drawn = overlay(picture.pixels, faces)
        if isinstance(source, Video | Camera):
            if self.film is None or self.filmed != source.name:
                self.__exit__()
                self.film, self.filmed = VideoFile(self._file(source.short, VIDEO), source.rate), source.name
            self.film.add(drawn, picture.time or 0.0)
        else:
            options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            coded = cv2.imencode(PICTURE, cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR), options)[1]
            write_bytes(self._file(source.short, PICTURE), coded.tobytes())

    def _explain_numbers(self, faces: list[FaceResult]) -> None:
        """Say once, in a file, which expressions the drawings show as numbers."""
        classes = next((tuple(face.probabilities) for face in faces if face.probabilities), None)
        if classes is None or self.explained:
            return
        self.explained = True
        numbered = legend_of(classes, class_names(classes))
        if numbered:
            write_text(self.folder / LEGEND, f"In the pictures: {numbered}\n")

    def _file(self, short: str, suffix: str) -> Path:
        """A name of its own for each source, also where letters differ in size alone."""
        plain = re.sub(r"[^\w./=-]", "_", short)
        parts = [part for part in PurePosixPath(plain).parts if part not in ("/", "..", ".")] or ["picture"]
        stem = str(PurePosixPath(*parts).with_suffix(""))
        name, number = stem, 1
        while (name + suffix).lower() in self.taken:
            number += 1
            name = f"{stem}-{number}"
        self.taken.add((name + suffix).lower())
        return self.folder / f"{name}{suffix}"
