"""A small untrained model, a detector of bright squares, and pictures of these: what the rest needs is speed."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry
from gcnet_core.storage import save_model
from tests.conftest import made_once
from tests.inference.by_brightness import answerer, boxes_finder

__all__ = ["answerer", "boxes_finder"]  # fixtures for all tests here

CLASSES = ("neutral", "happiness", "=1+1")
DETECTOR = '''
"""Takes squares of pure white for faces."""
import cv2
from gcnet_core.interfaces import Detector, Face
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, hookimpl

class Squares(Detector):
    version = "1"

    def detect(self, pixels, name=""):
        white = (pixels.min(axis=2) > 230).astype("uint8")
        boxes = cv2.connectedComponentsWithStats(white)[2][1:, :4].tolist()
        return [Face(tuple(map(float, box)), 1.0, eyes(*box)) for box in boxes if box[2] > 8]

def eyes(x, y, width, height):
    return (x + 0.3 * width, y + 0.4 * height), (x + 0.7 * width, y + 0.4 * height)

@hookimpl
def gcnet_components():
    return [ComponentSpec("detector", "squares", DetectorConfig, "squares_plugin:Squares", "white squares")]
'''


@pytest.fixture(scope="session")
def model(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that looks at the query alone."""
    options = {"encoder": {"type": "conv", "channels": [8, 8], "width": 8}, "classifier": {"type": "linear"}}
    return made_once(tmp_path_factory, "cnn", lambda folder: save(registry, folder, "cnn", options))


@pytest.fixture(scope="session")
def with_generator(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that makes neutral faces."""
    options = {
        "generator": {"type": "vae", "channels": 4, "latent": 8},
        "encoder": {"type": "conv", "channels": [8, 8], "width": 8},
        "delta": {"type": "signed"},
        "classifier": {"type": "linear"},
    }
    return made_once(tmp_path_factory, "gcnet", lambda folder: save(registry, folder, "gcnet", options))


def save(registry: Registry, folder: Path, kind: str, options: dict[str, object]) -> None:
    context = BuildContext(registry, ImageConfig(size=32), CLASSES)
    part = registry.part("model", kind, options)
    torch.manual_seed(0)
    framing = {"eye_distance": 0.4, "eye_height": 0.37}
    save_model(folder, context.build(part), part, context, {"framing": framing})


@pytest.fixture(scope="session")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file for `--plugin` with the detector of squares."""

    def write(folder: Path) -> None:
        (folder / "squares_plugin.py").write_text(DETECTOR)

    return made_once(tmp_path_factory, "squares", write) / "squares_plugin.py"


def scene(*lefts: int, width: int = 160, height: int = 96) -> np.ndarray:
    """A dark picture, RGB, with white squares at some places."""
    pixels = np.full((height, width, 3), 40, dtype=np.uint8)
    for left in lefts:
        pixels[30:62, left : left + 32] = 255
    return pixels


def write_scene(path: Path, *lefts: int) -> Path:
    """Such a picture as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), scene(*lefts))
    return path


def write_video(path: Path, frames: list[np.ndarray], rate: float = 10) -> Path:
    """A video of such pictures."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, (width, height))
    assert writer.isOpened()
    for frame in frames:
        writer.write(frame)
    writer.release()
    return path


def json_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]
