"""An answerer whose answers can be told by looking at a face, and a detector that finds what was painted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.plugin_api import ImageConfig, Registry

CLASSES = ("neutral", "anger", "happiness")


class ByBrightness:
    """Says of a face how bright it is: the first class is certain for black, the last for white."""

    name, classes, image = "by_brightness", CLASSES, ImageConfig(size=8)
    preparation: dict[str, object] | None = None
    framing: dict[str, float] | None = None
    identity = "by_brightness"
    temperature = 1.0
    takes_references = False
    has_generator = True

    def __init__(self) -> None:
        self.asked: list[int] = []

    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """Probabilities by brightness; the reference is the negative of the face."""
        self.asked.append(len(queries))
        light = queries.reshape(len(queries), -1).mean(axis=1) / 255
        shares = np.stack([(1 - light), 0 * light, light], axis=1)
        return Answers(shares, light, 255 - queries if with_reference else None)

    def codes(self, pictures: Prepared, *, calm: bool) -> np.ndarray:
        """Brightness."""
        return pictures.reshape(len(pictures), -1).mean(axis=1, keepdims=True)


@pytest.fixture
def answerer() -> ByBrightness:
    """A model that needs no training."""
    return ByBrightness()


@pytest.fixture
def boxes_finder(tmp_path: Path, registry: Registry) -> "BoxesFinder":
    """Makes finders that know where faces are."""
    return BoxesFinder(tmp_path, registry)


class BoxesFinder:
    """Makes finders of the detector `boxes`."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self.folder, self.registry = folder, registry

    def __call__(self, rows: Sequence[tuple[str, int, int, int, int]], several: str = "all") -> FaceFinder:
        """A finder of the listed faces: picture, x, y, width and height of each."""
        lines = ["image,x,y,width,height", *(",".join(map(str, row)) for row in rows)]
        path = self.folder / "boxes.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        texts = ["detector.type=boxes", f"detector.file={path}", "size=16", f"several={several}"]
        return FaceFinder(read_preparation(texts, self.registry), self.registry)
