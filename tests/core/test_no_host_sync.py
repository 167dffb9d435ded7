"""No step waits for the device: nothing that a step does asks for a number that was just computed there."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from gcnet_core.benchmark.bench import faces, new_trainer
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe.load import load_recipe
from gcnet_core.training.trainer import Trainer

RECIPE = """
data: {type: synthetic_faces, subjects: 6, images_per_expression: 1}
image: {size: 32}
threads: 1
model:
  type: gcnet
  generator: GENERATOR
  encoder: {type: conv, channels: [8, 8], width: 16}
  delta: {type: signed}
  classifier: {type: linear}
  generator_gradient: true
  decoder: {type: conv, channels: [8, 8]}
losses: LOSSES
training: {batch_size: 8, accumulate: 2, ema: 0.9, optimizer: {type: OPTIMIZER}, stages: {joint: {epochs: 1}}}
"""
SMALL = {
    "conv": "{type: conv, channels: [4, 4]}",
    "autoencoder": "{type: autoencoder, channels: 4, latent: 8}",
    "vae": "{type: vae, channels: 4, latent: 8}",
    "gan": "{type: gan, channels: 4, latent: 8, discriminator_channels: 4, r1: 1}",
    "diffusion": "{type: diffusion, channels: 16, depth: 2, steps: 4}",
}
ASKS = {
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.is_nonzero.default,
    torch.ops.aten.nonzero.default,
    torch.ops.aten.masked_select.default,
    torch.ops.aten.equal.default,
}
"""What a GPU answers only when it has come so far."""


class Waits(TorchDispatchMode):
    """Notes what would make the host wait; rows picked by a mask are among it, because nobody knows how many."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        masks = func is torch.ops.aten.index.Tensor and any(
            index is not None and index.dtype == torch.bool for index in args[1]
        )
        if func in ASKS or masks:
            ours = [frame for frame in traceback.extract_stack()[:-1] if "/torch/" not in frame.filename]
            if "diffusers/schedulers" not in ours[-1].filename:  # whose times are numbers on the CPU
                self.found.append(f"{func} at {ours[-1].filename}:{ours[-1].lineno}")
        return func(*args, **(kwargs or {}))


@contextmanager
def nobody_waits() -> Iterator[None]:
    with Waits() as waits:
        yield
    assert not waits.found, "\n".join(waits.found)


def steps(trainer: Trainer) -> None:
    (group, *_) = list(trainer.batches.epoch(0))
    for phase in trainer.phases:
        trainer.modes.enter(phase)
        trainer.optimizer_step(phase, group, 0)  # state is made
        assert trainer.average is not None
        trainer.average.update(trainer.model)
        with nobody_waits():
            assert trainer.optimizer_step(phase, group, 1) is not None
        with Waits() as waits:
            trainer.average.update(trainer.model)
        assert len(waits.found) == 1, "the number of updates, which is kept on the CPU, is asked for once"


def trainer_of(text: str, tmp_path: Any, registry: Registry) -> Trainer:
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    recipe = load_recipe(str(path), (), registry)
    return new_trainer(recipe, "joint", 1, registry, faces(recipe, registry), torch.device("cpu"))


def test_the_test_sees_who_waits() -> None:
    values, mask = torch.rand(3), torch.tensor([True, False, True])

    def number() -> Any:
        return float(values.sum())

    def answer() -> Any:
        return bool(mask.any())

    def rows() -> Any:
        return values[mask]

    for asks in (number, answer, rows, mask.nonzero):
        with pytest.raises(AssertionError), nobody_waits():
            asks()


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("generator", SMALL)
def test_steps_of_each_generator(tmp_path: Any, registry: Registry, generator: str, optimizer: str) -> None:
    text = RECIPE.replace("GENERATOR", SMALL[generator]).replace("OPTIMIZER", optimizer)
    losses = "{classification: {type: cross_entropy, class_weights: balanced}, generative: {type: l2}}"
    steps(trainer_of(text.replace("LOSSES", losses), tmp_path, registry))


def test_steps_with_each_loss(tmp_path: Any, registry: Registry) -> None:
    losses = ", ".join(f"{name}: {{type: {name}}}" for name in registry.names("loss"))
    text = RECIPE.replace("GENERATOR", SMALL["autoencoder"]).replace("OPTIMIZER", "adamw")
    steps(trainer_of(text.replace("LOSSES", f"{{{losses}}}"), tmp_path, registry))


def test_all_generators_are_tried(registry: Registry) -> None:
    assert set(SMALL) | {"identity", "mean_face"} >= set(registry.names("generator"))
