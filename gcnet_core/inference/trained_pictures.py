"""Pictures that a model was trained on, met again in `gcnet predict`: answers to them do not say how good it is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from jaxtyping import UInt8, UInt64

from gcnet_core.data.content import content_of
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Source
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.trained_on import TRAIN, read_trained_on


class TrainedPictures:
    """Notices pictures whose pixels were trained on, as a whole or as the face that was cut out of them.

    Args:
        contents: of all training images.
    """

    def __init__(self, contents: UInt64[np.ndarray, "content"]) -> None:
        self.contents = frozenset(contents.tolist())
        self.noticed: set[str] = set()
        self.count, self.first = 0, ""

    def look(self, picture: Picture, pixels: UInt8[np.ndarray, "height width channel"]) -> None:
        """Look at a picture, or a face in it; workers do it, in any order."""
        if picture.frame is None and content_of(pixels) in self.contents:
            self.noticed.add(picture.file)

    def take(self, source: Source, picture: Picture, faces: list[FaceResult]) -> None:
        """Count a picture, in order, as a sink of a job does."""
        if picture.frame is None and picture.file in self.noticed:
            self.count += 1
            self.first = self.first or " ".join(picture.file.split())

    def line(self, pictures: int) -> str:
        """What to say in the end; nothing if there is nothing to say.

        Args:
            pictures: how many there were.
        """
        if not self.count:
            return ""
        were = "was" if self.count == 1 else "were"
        return f"note: {self.count:,} of these {pictures:,} pictures {were} trained on; first: {self.first}"


def trained_pictures(model: Path, tell: Callable[[str], None]) -> TrainedPictures | None:
    """What the model of a run was trained on.

    Args:
        model: folder of a run; or of a model, or a file, which do not say whom it was trained on.
        tell: takes that the record is damaged, which takes nothing from the answers.

    Returns:
        None where nobody knows: a run of an older gcnet, a model that was given away, a damaged record.
    """
    try:
        stored = read_trained_on(model)
    except UserError as error:
        tell(f"note: {error}")
        return None
    return None if stored is None else TrainedPictures(stored.contents(TRAIN))
