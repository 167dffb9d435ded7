"""A toy model, generator with a phase of its own, and table, for tests of the trainer that need no plugin."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from gcnet_core.data.faces import FaceTable, read_faces
from gcnet_core.interfaces import Batch, BuildContext, Loss, Model, Output, Phase, Terms
from gcnet_core.plugin_api import DatasetConfig, ImageConfig, LossConfig, ModelConfig, Part, Registry, Sample
from gcnet_core.recipe.schema import Recipe

CLASSES = ("neutral", "anger")
CONTEXT = BuildContext(Registry(), ImageConfig(size=8), CLASSES)


class ToyGenerator(nn.Module):
    """Scales the query; beside it a critic with a phase of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 1))
        self.critic = nn.Sequential(nn.Flatten(), nn.Linear(64, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))

    def forward(self, query: Tensor) -> Tensor:
        return torch.sigmoid(self.scale(query))

    def critic_loss(self, batch: Batch) -> Terms:
        generated = self(batch.query).detach()
        return {"critic": self.critic(generated).square().mean() + (1 - self.critic(batch.reference)).square().mean()}


class ToyModel(Model):
    """Query minus reference, flattened, with dropout, into a linear classifier."""

    def __init__(self) -> None:
        super().__init__(ModelConfig(), CONTEXT)
        self.generator = ToyGenerator()
        self.classifier = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(64), nn.Dropout(0.2), nn.Linear(64, 2))

    def forward(self, batch: Batch, required_outputs: Sequence[str], *, true_reference: bool = False) -> Output:
        reference = self.generator(batch.query)
        features = self.classifier[0](batch.query - reference)
        return Output(reference=reference, features=features, logits=self.classifier(batch.query - reference))

    def phases(self) -> Sequence[Phase]:
        return [Phase("critic", [self.generator.critic], self.generator.critic_loss, interval=2, learning_rate=1e-2)]


class Classification(Loss):
    def __init__(self) -> None:
        super().__init__(ClassificationConfig(), CONTEXT)

    def forward(self, output: Output, batch: Batch) -> Tensor:
        return nn.functional.cross_entropy(output.logits, batch.label)


class Generative(Loss):
    def __init__(self) -> None:
        super().__init__(GenerativeConfig(), CONTEXT)

    def forward(self, output: Output, batch: Batch) -> Tensor:
        return (output.reference - batch.reference).square().mean()


class ClassificationConfig(LossConfig):
    required_outputs = frozenset({"logits"})


class GenerativeConfig(LossConfig):
    required_outputs = frozenset({"reference"})


LOSSES = {"classification": Classification(), "generative": Generative()}


def toy_recipe(**training: object) -> Recipe:
    """A recipe of two stages; `training` changes its training section."""
    stages = {
        "generator": {"epochs": 2, "train": ["generator"], "losses": ["generative"]},
        "joint": {"epochs": 2},
    }
    recipe = Recipe.model_validate(
        {
            "data": Part("dataset", "toy", DatasetConfig()),
            "model": Part("model", "toy", ModelConfig()),
            "image": {"size": 8},
            "training": {"batch_size": 8, "stages": stages, **training},
        },
        context={"registry": None},
    )
    losses = {
        "classification": Part("loss", "classification", ClassificationConfig()),
        "generative": Part("loss", "generative", GenerativeConfig()),
    }
    return recipe.model_copy(update={"losses": losses})


def toy_table(count: int = 40) -> FaceTable:
    """Two classes that differ by a bright row; the reference has none."""

    def read(name: str) -> np.ndarray:
        number, kind = name.split("-")
        pixels = np.random.default_rng(int(number)).integers(60, 120, (8, 8, 1), dtype=np.uint8)
        if kind == "anger":
            pixels[6] += 100
        return pixels

    samples = [Sample(f"{n}-{CLASSES[n % 2]}", f"s{n // 4}", CLASSES[n % 2], f"{n}-neutral") for n in range(count)]
    return read_faces(samples, CLASSES, read, ImageConfig(size=8))
