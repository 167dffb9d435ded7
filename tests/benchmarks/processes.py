"""What several processes on one run cost and gain: images/s, processor time for each image, messages of a step.

Run `python tests/benchmarks/processes.py [COUNT]`. The CNN baseline, with the paper's encoder and with a ResNet-18,
learns drawn faces by one process and by COUNT (2), in turn, one thread each; medians over epochs are printed. A quiet
machine with as many cores as processes is needed for images/s; processor time holds on a busy one.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROUNDS, EPOCHS = 2, 3
RECIPE = """
data: {type: synthetic_faces, subjects: 20, images_per_expression: 1}
image: {size: 48}
threads: 1
model: {type: cnn, encoder: ENCODER}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 32, stages: {only: {epochs: EPOCHS}}}
"""
MODELS = {
    "conv": RECIPE.replace("ENCODER", "{type: conv}"),
    "resnet18": RECIPE.replace("ENCODER", "{type: timm, name: resnet18, pretrained: false}"),
}


def train(path: str) -> None:
    """Train a recipe as one of the processes that were started; print the figures of each epoch but the first."""
    import torch
    from torch import distributed

    from gcnet_core.data.load import list_samples, load_faces
    from gcnet_core.experiment.fold import FoldRun
    from gcnet_core.experiment.options import Options
    from gcnet_core.output.console import Console
    from gcnet_core.plugin_api import discover
    from gcnet_core.recipe import load_recipe
    from gcnet_core.training.processes import joined
    from gcnet_core.training.progress import TrainingProgress

    torch.set_num_threads(1)
    messages: list[int] = []
    all_reduce = distributed.all_reduce

    def counted(values: torch.Tensor, *rest: Any) -> None:
        messages.append(values.nbytes)
        all_reduce(values, *rest)

    distributed.all_reduce = counted
    registry, quiet = discover(), Console(quiet=True)
    recipe = load_recipe(path, (), registry)
    with joined() as processes:
        table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
        run = FoldRun(recipe, registry, table, torch.device("cpu"), Options(console=quiet), (), processes)
        trainer, found, last = run.new_trainer(0), [], [time.process_time()]

        def on_epoch(metrics: Any) -> None:
            now = time.process_time()
            (spent,) = processes.sum(now - last[0])
            images = metrics.images_per_second * metrics.seconds
            found.append((metrics.images_per_second, 1000 * spent / images, len(messages), sum(messages)))
            messages.clear()
            last[0] = time.process_time()

        trainer.train(TrainingProgress(trainer.total_steps, quiet), on_epoch)
        if processes.is_first:
            sys.__stdout__.write(json.dumps([len(trainer.batches), found[1:]]))  # type: ignore[union-attr]


def measure(path: Path, count: int) -> tuple[int, list[list[float]]]:
    """Steps of an epoch, and the figures of each."""
    from gcnet_core.experiment.launch import _free_port, _variables

    port = _free_port()
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--train", str(path)],
            env={**os.environ, **_variables(rank, count, port)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(count)
    ]
    answers = [process.communicate()[0] for process in started]
    steps, epochs = json.loads(answers[0])
    return steps, epochs


def main(count: int) -> None:
    """Print a table."""
    print("model      processes  images/s  ms of processor an image  messages a step  kB a step")
    with TemporaryDirectory() as folder:
        for name, recipe in MODELS.items():
            path = Path(folder) / f"{name}.yaml"
            path.write_text(recipe.replace("EPOCHS", str(EPOCHS)))
            epochs: dict[int, list[list[float]]] = {1: [], count: []}
            for _ in range(ROUNDS):
                for processes in epochs:
                    steps, found = measure(path, processes)
                    epochs[processes] += found
            for processes, rows in epochs.items():
                speed, spent, messages, size = (statistics.median(column) for column in zip(*rows, strict=True))
                print(
                    f"{name:<10} {processes:>9}  {speed:>8.0f}  {spent:>24.2f}  {messages / steps:>15.0f}"
                    f"  {size / steps / 1000:>9.0f}"
                )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--train"]:
        train(sys.argv[2])
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 2)
