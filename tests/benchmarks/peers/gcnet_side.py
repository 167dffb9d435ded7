"""The trainer of gcnet, whose epochs are the rounds of all sides."""

import time
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import torch

from gcnet_core.benchmark.bare_loop import BareLoop
from gcnet_core.benchmark.bench import faces, new_trainer
from gcnet_core.benchmark.clock import wait_for
from gcnet_core.benchmark.timed_training import StepTimes
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import load_recipe
from gcnet_core.runs import EpochMetrics

BATCH, IN_MEMORY = 64, 8
CNN = """
data: {{type: folder, folder: {folder}}}
image: {{size: 48, channels: 1}}
model: {{type: cnn, encoder: {{type: timm, name: resnet18}}, classifier: {{type: linear}}}}
losses: {{classification: {{type: cross_entropy}}}}
training: {{batch_size: 64, stages: {{encoder: {{epochs: 1}}}}}}
"""
VAE = """
data: {{type: synthetic_faces, subjects: 300, images_per_expression: 1}}
image: {{size: 48, channels: 1}}
model:
  type: gcnet
  generator: {{type: vae, channels: 32, skip_connections: false, output: direct}}
  encoder: {{type: conv, channels: [8, 8], width: 16}}
  delta: {{type: signed}}
  classifier: {{type: linear}}
losses: {{generative: {{type: l2, weight: 100}}}}
training: {{batch_size: 64, stages: {{generator: {{epochs: 1, train: [generator]}}}}}}
"""


class GcnetSide:
    """A trainer that stops after each epoch, when the others take as many steps.

    Args:
        network: `cnn` or `vae`.
        folder: of the pictures, and of the recipe.
        device: of the network.
        overrides: values of the recipe, as `--set` takes them.
        rounds: of all sides.
    """

    def __init__(self, network: str, folder: Path, device: str, overrides: Sequence[str], rounds: int) -> None:
        recipe_file = folder.parent / f"{folder.name}.yaml"
        recipe_file.write_text({"cnn": CNN, "vae": VAE}[network].format(folder=folder))
        registry = discover()
        recipe = load_recipe(recipe_file, overrides, registry)
        recipe_file.unlink()
        table = faces(recipe, registry)
        (stage,) = recipe.training.stages
        self.device = torch.device(device)
        self.trainer = new_trainer(recipe, stage, rounds + 1, registry, table, self.device)
        self.groups = list(islice(self.trainer.batches.epoch(0), IN_MEMORY))
        self.model: Any = self.trainer.model
        (self.phase,) = self.trainer.phases
        self.bare = BareLoop([self.phase], self.groups, recipe.training.precision, self.device)
        self.classes, self.images = len(table.classes), BATCH

    def bare_steps(self, steps: int) -> float:
        """Steps of the bare loop on batches in memory."""
        wait_for(self.device)
        began = now(self.device)
        self.bare.steps(steps)
        wait_for(self.device)
        return (now(self.device) - began) / steps

    def beside(self, sides: Mapping[str, Callable[[int], float]], steps: int) -> dict[str, list[float]]:
        """Seconds of a step of each side, by round; the first round warms up and does not count."""
        found: dict[str, list[float]] = {name: [] for name in ("gcnet", *sides)}
        times = StepTimes()
        self.trainer.batches.steps = steps + 1  # the order of the whole epoch is drawn in the first

        def on_epoch(metrics: EpochMetrics) -> None:
            wait_for(self.device)
            kind = "processor" if self.device.type == "cpu" else "clock"
            own = [getattr(step, kind) for step in times.take()]
            measured = {"gcnet": sum(own) / len(own), **{name: side(steps) for name, side in sides.items()}}
            if metrics.epoch > 1:
                for name, seconds in measured.items():
                    found[name].append(seconds)

        self.trainer.train(cast(Any, times), on_epoch)
        return found


def now(device: torch.device) -> float:
    """Seconds of the processor; of the clock where a GPU does the work."""
    return time.process_time() if device.type == "cpu" else time.perf_counter()
