"""Train a recipe at the word of whoever started this process, to see how fast several do it at the same time.

    python -m gcnet_core.benchmark.pace RECIPE [--device D] [--plugin P]... [--threads N]

It says `ready` once the first steps are done. Each line of its input is a number of seconds: it trains for as long, and
says how many images a second that were. It ends with its input, and keeps nothing.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import torch

from gcnet_core.benchmark.bench import faces, new_trainer
from gcnet_core.benchmark.clock import wait_for
from gcnet_core.benchmark.stage import WARM_UP
from gcnet_core.plugin_api import discover
from gcnet_core.recipe import stored_recipe
from gcnet_core.runs import EpochMetrics
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.resources import choose_device
from gcnet_core.training.speed import chosen_speed

ENDLESS = 1_000_000
"""Epochs."""


class Commanded:
    """Takes the place of a progress bar: between two steps it listens and answers.

    Args:
        images: of a step.
        device: where is trained.
    """

    def __init__(self, images: int, device: torch.device) -> None:
        self.images, self.device = images, device
        self.steps = -WARM_UP
        self.began, self.until = 0.0, 0.0

    def step(self, *_: object) -> None:
        """Count a step; if the time is over, answer, and wait for the next line."""
        self.steps += 1
        if self.steps < 0 or (self.steps and time.monotonic() < self.until):
            return
        wait_for(self.device)
        if self.steps:
            print(self.images * self.steps / (time.monotonic() - self.began), flush=True)
        else:
            print("ready", flush=True)
        line = sys.stdin.readline()
        if not line.strip():
            sys.exit()
        self.steps, self.began = 0, time.monotonic()
        self.until = self.began + float(line)

    def epoch(self, metrics: EpochMetrics) -> None:
        """Say nothing."""


def main(words: Sequence[str]) -> None:
    """Train."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--device")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--plugin", action="append")
    asked = parser.parse_args(words)
    registry = discover(asked.plugin or ())
    recipe, device = stored_recipe(asked.recipe, registry), choose_device(asked.device)
    if speed := chosen_speed(recipe, device):
        recipe = speed.applied(recipe)
    torch.set_num_threads(asked.threads)
    stage = list(recipe.training.stages)[-1]
    trainer = new_trainer(recipe, stage, ENDLESS, registry, faces(recipe, registry), device)
    images = recipe.training.batch_size * recipe.training.accumulate
    trainer.train(cast(TrainingProgress, Commanded(images, device)))


if __name__ == "__main__":
    main(sys.argv[1:])
