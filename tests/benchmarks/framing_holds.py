"""Whether photographs reach a model framed as its training pictures were, and what other frames would cost.

    python tests/benchmarks/framing_holds.py MODEL --test fer2013.zip --photographs london --frames ckplus_official

Accuracy in percent, as Markdown: of test pictures that others cut out (a sample), of photographs whose expression is
told by their names (`neutral_...`, `smiling_...`), and of CK+ frames, the labelled last ones and the neutral first ones
apart, all cut out by the model's own finder; as they are, and moved and scaled by shares of the crop. Moves are means
over four directions. Where photographs are framed as the training pictures, no change of the frame gains much.
"""

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from gcnet_core.data.prepare import prepare
from gcnet_core.faces.align import align
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.faces.source import pictures_in
from gcnet_core.inference.answers import Answerer
from gcnet_core.inference.find_model import find_model, open_model
from gcnet_core.inference.framing import model_finder
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import NEUTRAL, Registry, discover

cv2.setNumThreads(1)
NAMED = {"neutral": NEUTRAL, "smiling": "happiness"}


@dataclass(frozen=True)
class Change:
    """A change of the frame.

    Args:
        scale: of what is in it.
        x, y: by how much that moves right and down, as a share of the crop.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0


def moved(share: float) -> list[Change]:
    """Moves in four directions."""
    return [Change(x=share), Change(x=-share), Change(y=share), Change(y=-share)]


ROWS = {
    "as it is": [Change()],
    "moved by 10 %": moved(0.1),
    "moved by 20 %": moved(0.2),
    "20 % smaller": [Change(0.8)],
    "10 % smaller": [Change(0.9)],
    "10 % larger": [Change(1.1)],
    "20 % larger": [Change(1.2)],
}


class Crops:
    """Pictures that others cut out, with what they show."""

    def __init__(self, pictures: list[np.ndarray], labels: list[str]) -> None:
        self.pictures, self.labels = pictures, labels

    def changed(self, change: Change) -> list[np.ndarray]:
        """The pictures, their content moved and scaled around the middle."""
        crops = []
        for picture in self.pictures:
            height, width = picture.shape[:2]
            middle = np.array([width - 1, height - 1]) / 2
            shift = middle * (1 - change.scale) + np.array([change.x * width, change.y * height])
            transform = np.column_stack([change.scale * np.eye(2), shift])
            crop = cv2.warpAffine(picture, transform, (width, height), borderMode=cv2.BORDER_REPLICATE)
            crops.append(crop.reshape(picture.shape))
        return crops


class Photographs:
    """Photographs with what they show, and the face that a finder found in each."""

    def __init__(self, finder: FaceFinder, pictures: list[np.ndarray], labels: list[str]) -> None:
        self.config = finder.config
        found = [finder.find(picture).crops for picture in pictures]
        self.faces = [(picture, crops[0].face) for picture, crops in zip(pictures, found, strict=True) if crops]
        self.labels = [label for label, crops in zip(labels, found, strict=True) if crops]
        self.missed = len(pictures) - len(self.faces)

    def changed(self, change: Change) -> list[np.ndarray]:
        """The crops, their content moved and scaled around the middle."""
        crops = []
        for pixels, face in self.faces:
            assert face.eyes is not None
            eyes = np.array(face.eyes)
            distance = self.config.eye_distance * change.scale
            height = 0.5 + (self.config.eye_height - 0.5) * change.scale + change.y
            config = self.config.model_copy(update={"eye_distance": distance, "eye_height": height})
            along = (eyes[1] - eyes[0]) / distance  # one crop to the right
            right, left = (tuple(map(float, eye - change.x * along)) for eye in eyes)
            crops.append(align(pixels, Face(face.box, face.score, (right, left)), config))
        return crops


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("model")
    arguments.add_argument("--test")
    arguments.add_argument("--photographs", type=Path)
    arguments.add_argument("--frames")
    arguments.add_argument("--pictures", type=int, default=1000, help="of the test part")
    arguments.add_argument("--detector", help="another one than the model's finder takes")
    arguments.add_argument("--set", action="append", default=[], help="of the preparation, such as eye_distance=0.4")
    arguments.add_argument("--plugin", action="append", default=[])
    chosen = arguments.parse_args()
    registry = discover(chosen.plugin)
    answerer = open_model(find_model(chosen.model, registry), registry, "cpu")
    finder = model_finder(answerer, registry, chosen.set, chosen.detector)
    columns: dict[str, Crops | Photographs] = {}
    if chosen.test:
        columns["test pictures"] = test_pictures(chosen.test, chosen.pictures, registry)
    if chosen.photographs:
        listing = list_photographs(chosen.photographs)
        labels = [NAMED[sample.image.partition("_")[0]] for sample in listing.samples]
        columns["photographs"] = Photographs(finder, [listing.read(s.image) for s in listing.samples], labels)
    if chosen.frames:
        columns.update(frames(chosen.frames, finder, answerer, registry))
    settings = {name: finder.settings[name] for name in ("detector_version", "eye_distance", "eye_height", "margin")}
    print(f"{answerer.name}: {settings}\n")
    heads = [f"{name} ({len(column.labels)})" for name, column in columns.items()]
    print(f"| | {' | '.join(heads)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, changes in ROWS.items():
        cells = [np.mean([accuracy(answerer, column, change) for change in changes]) for column in columns.values()]
        print(f"| {name} | {' | '.join(f'{cell:.1f}' for cell in cells)} |", flush=True)
    for name, column in columns.items():
        if isinstance(column, Photographs) and column.missed:
            print(f"\n{name}: no face in {column.missed} more")


def test_pictures(source: str, count: int, registry: Registry) -> Crops:
    """Pictures of the test part, drawn at random."""
    listing = pictures_in(source, registry).listing
    samples = [sample for sample in listing.samples if sample.usage == "test"]
    drawn = random.Random(0).sample(samples, min(count, len(samples)))
    return Crops([listing.read(sample.image) for sample in drawn], [sample.expression for sample in drawn])


def frames(source: str, finder: FaceFinder, answerer: Answerer, registry: Registry) -> dict[str, Photographs]:
    """Frames of sequences: those with an expression that the model knows, and the neutral first ones."""
    listing = pictures_in(source, registry, "ckplus").listing
    shown = [sample for sample in listing.samples if sample.expression in answerer.classes]
    calm = sorted({sample.reference for sample in shown if sample.reference})
    return {
        "last frames": Photographs(finder, [listing.read(s.image) for s in shown], [s.expression for s in shown]),
        "first frames": Photographs(finder, [listing.read(name) for name in calm], [NEUTRAL] * len(calm)),
    }


def accuracy(answerer: Answerer, column: Crops | Photographs, change: Change) -> float:
    """Percent of right answers."""
    queries = np.stack([prepare(crop, answerer.image) for crop in column.changed(change)])
    parts = [queries[start : start + 64] for start in range(0, len(queries), 64)]
    best = np.concatenate([answerer.answer(part).probabilities.argmax(axis=1) for part in parts])
    answers = [answerer.classes[index] for index in best]
    return 100 * float(np.mean([answer == label for answer, label in zip(answers, column.labels, strict=True)]))


if __name__ == "__main__":
    main()
