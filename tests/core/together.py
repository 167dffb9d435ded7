"""What `test_processes.py` has done by one process and by several: trainings, and the meetings that they rest on.

`python -m tests.core.together FILE`, started as torchrun starts processes, writes what the first of them found.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gcnet_core.data.load import list_samples
from gcnet_core.experiment.fold import FoldRun
from gcnet_core.experiment.options import Options
from gcnet_core.experiment.run import _table
from gcnet_core.interfaces import gather_batch
from gcnet_core.output.console import Console
from gcnet_core.plugin_api import Registry, discover
from gcnet_core.recipe import load_recipe
from gcnet_core.training.global_batch_norm import global_batch_norm
from gcnet_core.training.processes import Processes, joined
from gcnet_core.training.progress import TrainingProgress

RECIPE = """
data: {type: synthetic_faces, subjects: 6, images_per_expression: 1}
image: {size: 16}
threads: 1
split: {folds: 3}
model:
  type: gcnet
  generator: {type: autoencoder, channels: 4, latent: 8}
  encoder: {type: conv, channels: [8, 8], width: 16, dropout: 0}
  delta: {type: signed}
  classifier: {type: linear}
  decoder: {type: conv, channels: [8, 4]}
losses:
  classification: {type: cross_entropy, class_weights: balanced}
  generative: {type: l2, weight: 100}
  contrastive: {type: margin_contrastive, weight: 0.1}
  reconstruction: {type: reconstruction}
training:
  batch_size: 8
  optimizer: {type: sgd, learning_rate: 0.005}
  stages:
    generator: {epochs: 1, train: [generator], losses: [generative]}
    joint: {epochs: 2}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""
WITHOUT = (
    "losses.generative=null", "losses.contrastive=null", "losses.reconstruction=null", "training.stages.generator=null",
)  # fmt: skip
CNN = "{type: cnn, encoder: {type: conv, channels: [8, 8], width: 16, dropout: 0}, classifier: {type: mlp, dropout: 0}}"
CASES: dict[str, tuple[str, ...]] = {
    "autoencoder, clipped": ("training.clip_gradient=0.1",),
    "vae, accumulated, averaged": (
        "model.generator={type: vae, channels: 4, latent: 8}", "training.batch_size=4", "training.accumulate=2",
        "training.ema=0.9",
    ),
    "gan": (
        "model.generator={type: gan, channels: 4, latent: 8, discriminator_channels: 4, feature_weight: 1, r1: 1}",
    ),
    "diffusion": ("model.generator={type: diffusion, channels: 8, depth: 2}",),
    "conv, balanced, best": (
        "model.generator={type: conv, channels: [4, 4]}", "training.sampler=balanced", "split.validation=0.2",
        "training.keep=best",
    ),
    "comparing": ("losses.classes={type: supervised_contrastive}", "training.batch_size=5", "training.accumulate=2"),
    "cnn": (f"model={CNN}", *WITHOUT),
    "cnn, dropout": (f"model={CNN.replace('dropout: 0', 'dropout: 0.3')}", *WITHOUT, "training.channels_last=true"),
    "dropout and a share of true references": (
        "model.encoder.dropout=0.3", "model.reference={type: generated, true_neutral_prob: 0.5}",
    ),
    "cnn, bfloat16": (f"model={CNN}", *WITHOUT, "training.precision=bf16"),
    "cnn, adam": (f"model={CNN}", *WITHOUT, "training.optimizer={type: adamw, learning_rate: 1.0e-4}"),
}  # fmt: skip
"""Changes of the recipe; noise and dropout are drawn for the whole batch, see `global_draws`."""
FEW = {"gan", "comparing"}
"""Cases in which half of the samples have no reference, so that a part of a batch may have none at all."""


def train_cases(folder: Path, registry: Registry, processes: Processes) -> dict[str, Any]:
    """Train each case; its metrics by epoch, and the weights to keep."""
    path = folder / "small.yaml"
    found: dict[str, Any] = {}
    quiet = Options(console=Console(quiet=True))
    for name, changes in CASES.items():
        recipe = load_recipe(path, changes, registry)
        table = _table(recipe, list_samples(recipe.data_sets, recipe.labels, recipe.image, registry))
        if name in FEW:
            known = torch.arange(len(table.reference)) % 7 < 3
            table = replace(table, reference=torch.where(known, table.reference, -1))
        trainer = FoldRun(recipe, registry, table, torch.device("cpu"), quiet, (), processes).new_trainer(0)
        metrics: list[Any] = []
        model = trainer.train(TrainingProgress(trainer.total_steps, quiet.console), metrics.append)
        found[name] = {"weights": model.state_dict(), "metrics": [epoch.model_dump() for epoch in metrics]}
    return found


def meetings(processes: Processes) -> dict[str, Any]:
    """What gathering and batch norm give for twelve rows, of which two processes have three and nine."""
    rows = torch.from_numpy(np.random.default_rng(0).normal(2, 3, (12, 4))).double()
    bounds = [0, 12] if processes.count == 1 else [0, 3, 12]
    own = rows[bounds[processes.rank] : bounds[processes.rank + 1]].clone().requires_grad_()
    gathered = gather_batch(own)
    # each process has the loss of all rows, and counts for its share of it
    loss = (gathered @ gathered.T).softmax(dim=1).diagonal().square().sum() * len(own) / 12
    loss.backward()
    return {
        "gathered": gathered.detach(),
        "flags": gather_batch(own.detach()[:, 0] > 2),
        "gradient": _all_rows(own.grad),
        "none": gather_batch(own.detach()[: 0 if processes.rank else 2]),
        "norm": _norm(rows.float(), bounds, processes),
    }


def _norm(rows: Tensor, bounds: list[int], processes: Processes) -> dict[str, Tensor]:
    """Batch norm, its statistics, its gradient and the gradient of that."""
    torch.manual_seed(0)
    own = rows[bounds[processes.rank] : bounds[processes.rank + 1]].clone().requires_grad_()
    norm = nn.BatchNorm1d(4, momentum=0.3)
    with torch.no_grad():
        norm.weight.uniform_()
    with global_batch_norm():
        normed = norm(own)
    (first,) = torch.autograd.grad(normed.pow(3).sum(), own, create_graph=True)
    first.square().sum().backward()
    processes.add_up([norm.weight.grad])  # type: ignore[list-item]
    return {
        "normed": _all_rows(normed.detach()),
        "first": _all_rows(first.detach()),
        "second": _all_rows(own.grad),
        "weight": norm.weight.grad,  # type: ignore[dict-item]
        **{name: value.float() for name, value in norm.named_buffers()},
    }


def _all_rows(rows: Tensor | None) -> Tensor:
    assert rows is not None
    return gather_batch(rows)


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    registry = discover()
    with joined() as processes:
        found = {"meetings": meetings(processes), **train_cases(folder, registry, processes)}
        if processes.is_first:
            torch.save(found, folder / f"{processes.count}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
