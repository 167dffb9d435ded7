"""Models with random weights and faces of random pixels, to see that codes stand for pictures."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from gcnet_core.inference.torch_answerer import TorchAnswerer
from gcnet_core.interfaces import BuildContext
from gcnet_core.plugin_api import ImageConfig, Registry
from gcnet_core.runs.description import ImageDescription, ModelDescription
from gcnet_core.storage import SavedModel, save_model
from gcnet_core.testing import Case

CLASSES = ("neutral", "anger", "happiness")
CONV = {"type": "conv", "channels": [8], "width": 8}
COMPARING = {"encoder": CONV, "delta": {"type": "signed"}, "classifier": {"type": "linear"}}
GENERATOR = {"type": "conv", "channels": [8], "unshuffle": True}


def answerer(registry: Registry, kind: str = "gcnet", flip: bool = False, **options: Any) -> TorchAnswerer:
    """A model that saw a few faces, so that its batch norms know some."""
    torch.manual_seed(0)
    image = ImageConfig(size=32, channels=1)
    part = registry.part(
        "model", kind, options or {**COMPARING, "generator": GENERATOR, "reference": {"type": "album"}}
    )
    model = BuildContext(registry, image, CLASSES, (2, 2, 2)).build(part)
    batch = Case("model", kind, registry=registry).batch(8, album=2)
    model.train()(batch, {"logits"})
    description = ModelDescription(
        classes=CLASSES,
        image=ImageDescription(**image.model_dump(), range=(0.0, 1.0)),
        class_counts=(2, 2, 2),
        model=part.dump(),
        versions={},
        flip=flip,
    )
    return TorchAnswerer(SavedModel(model.eval(), part, CLASSES, image, description), "a model")


def save(registry: Registry, folder: Path) -> Path:
    """The same model as a folder, as `gcnet run` writes it."""
    made = answerer(registry)
    folder.mkdir()
    part = registry.part("model", "gcnet", {**COMPARING, "generator": GENERATOR, "reference": {"type": "album"}})
    save_model(folder, made.model, part, BuildContext(registry, made.image, CLASSES, (2, 2, 2)))
    return folder


def save_faces(folder: Path, count: int, seed: int = 0) -> list[Path]:
    """Prepared faces as files."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, pixels in enumerate(some_faces(count, seed)):
        paths.append(folder / f"{seed}_{number}.png")
        cv2.imwrite(str(paths[-1]), pixels[0])
    return paths


def some_faces(count: int, seed: int = 0) -> np.ndarray:
    """Prepared faces of random pixels."""
    return np.random.default_rng(seed).integers(0, 256, (count, 1, 32, 32), dtype=np.uint8)
