"""The data of scale.py: grey pictures of one .npy file, made of smooth random fields, and the part that reads them."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.lib.format import open_memmap
from pydantic import Field

from gcnet_core.interfaces import Dataset
from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, DatasetInfo, Sample, hookimpl

EXPRESSIONS = ("neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise")
OF_A_PERSON, FOLDS, SIDE = 20, 10, 48
COPY_EVERY = 1000
"""One picture of so many is that before it."""
BLOCK = 10_000


def make_pictures(path: Path, count: int) -> None:
    """Write so many pictures: a face that all share, what each person and expression adds, light and noise of each.

    They differ as those of FER2013 do: the deviations along their first ten directions, of images of mean 0 and length
    1, are 0.3 to 0.1.
    """
    pictures = open_memmap(path, mode="w+", dtype=np.uint8, shape=(count, SIDE, SIDE))
    random = np.random.default_rng(0)
    common, expressions = _fields(random, 1, 12), _fields(random, len(EXPRESSIONS), 12)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        people = _fields(random, BLOCK // OF_A_PERSON, 6)[(rows - start) // OF_A_PERSON]
        light, pose = _fields(random, len(rows), 3), _fields(random, len(rows), 8)
        shown = 28 * common + 10 * expressions[rows % len(EXPRESSIONS)] + 22 * people + 26 * light + 14 * pose
        noise = random.standard_normal(shown.shape, dtype=np.float32)
        pictures[start : start + BLOCK] = np.clip(128 + shown + 6 * noise, 0, 255)
    pictures[COPY_EVERY::COPY_EVERY] = pictures[COPY_EVERY - 1 : -1 : COPY_EVERY]
    pictures.flush()


def _fields(random: np.random.Generator, count: int, coarse: int) -> np.ndarray:
    """Smooth random pictures."""
    fields = random.standard_normal((count, coarse, coarse), dtype=np.float32)
    return np.stack([cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for field in fields])


class ScaleConfig(DatasetConfig):
    """Pictures of one array; every seventh is neutral, and a person's first neutral one is the reference."""

    file: Path = Field(description="[image, 48, 48]")

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=True, folds=FOLDS)


class ScaleData(Dataset):
    """Reads them."""

    def __init__(self, config: ScaleConfig, context: Any) -> None:
        super().__init__(config, context)
        self.pictures = np.load(config.file, mmap_mode="r")
        self.samples = tuple(map(_sample, range(len(self.pictures))))

    def content_key(self) -> str:
        status = self.config.file.stat()
        return f"{self.config.file} {status.st_size} {status.st_mtime_ns}"

    def read(self, name: str) -> np.ndarray:
        return np.array(self.pictures[int(name)])[:, :, None]


def _sample(row: int) -> Sample:
    person = row // OF_A_PERSON
    first = person * OF_A_PERSON
    neutral = first + -first % len(EXPRESSIONS)
    return Sample(
        f"{row:07}", f"p{person:06}", EXPRESSIONS[row % len(EXPRESSIONS)], f"{neutral:07}", fold=person % FOLDS
    )


@hookimpl
def gcnet_components() -> list[ComponentSpec]:
    return [ComponentSpec("dataset", "scale", ScaleConfig, "scale_data:ScaleData", "pictures of one array")]
