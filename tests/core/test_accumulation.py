"""Accumulated batches have the loss and the gradient of one large batch: every shipped loss and generator, by loops."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from gcnet_core.data.augment import AugmentConfig
from gcnet_core.data.loader import training_batches
from gcnet_core.interfaces import Batch, BuildContext, Generator, Loss, Model, Output
from gcnet_core.plugin_api import ImageConfig, LossConfig, Part, Registry
from gcnet_core.training.batch_notes import batch_notes
from gcnet_core.training.objective import Objective
from gcnet_core.training.optimizer_step import OptimizerStep
from gcnet_core.training.phases import ActivePhase, stage_phases
from tests.core.toy import toy_recipe, toy_table

CLASSES = ("neutral", "anger", "happiness")
SIZES = [[4, 4], [2, 2, 2, 2], [5, 3], [1, 7]]
UNEQUAL = {"supervised_contrastive": "it compares the samples of a batch with each other"}
"""Losses whose accumulated batches are not one large batch, and why."""


@pytest.fixture(autouse=True)
def no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draws belong to a batch, so that they are another matter than its size: here all are the same."""
    monkeypatch.setattr(torch, "randn_like", lambda like: torch.full_like(like, 0.3))
    monkeypatch.setattr(
        "gcnet_diffusion.generator.Diffusion._times", lambda self, query: torch.full((len(query),), 400.0)
    )


def make_batch() -> Batch:
    """Eight samples: two have a reference, one has no label, all differ."""
    torch.manual_seed(0)
    votes = torch.rand(8, 3).softmax(dim=1)
    known = torch.tensor([False, True, False, False, False, False, True, False])
    return Batch(
        query=torch.rand(8, 1, 16, 16),
        reference=torch.rand(8, 1, 16, 16) * known.view(-1, 1, 1, 1),
        has_reference=known,
        true_reference=torch.rand(8, 1, 16, 16) * known.view(-1, 1, 1, 1),
        has_true_reference=known,
        label=torch.tensor([0, 1, 2, 2, -1, 1, 2, 0]),
        votes=votes,
        neutral=torch.tensor([True, False, False, False, False, False, False, True]),
        sample=torch.arange(8),
    )


def pieces(batch: Batch, sizes: list[int]) -> list[Batch]:
    bounds = np.cumsum([0, *sizes])
    return [batch.rows(torch.arange(low, high)) for low, high in zip(bounds, bounds[1:], strict=False)]


def step(phase: ActivePhase, group: list[Batch]) -> tuple[dict[str, float], Tensor]:
    """Means of the terms, and the gradient, before a step; nothing is dropped and no batch norm learns."""
    recipe = toy_recipe(clip_gradient=None)
    taken = OptimizerStep(recipe.training, 0, torch.device("cpu"))
    taken._move = lambda phase: torch.zeros(())  # type: ignore[method-assign]
    phase.enter = lambda: [module.train(getattr(module, "trains", False)) for module in phase.everything]  # type: ignore
    phase.enter()
    figures = taken(phase, group, 0)
    assert figures is not None
    return dict(zip(figures.names, figures.values.tolist(), strict=False)), torch.cat(
        [(0 * each if each.grad is None else each.grad).flatten() for each in phase.parameters]
    ).detach()


class Everything(Model):
    """Computes every field of an output by a few linear maps, so that each loss has something to reach."""

    def __init__(self, context: BuildContext, generator: Generator | None = None) -> None:
        super().__init__(None, context)
        torch.manual_seed(1)
        self.generator = generator
        self.code, self.classifier = nn.Linear(256, 6), nn.Linear(6, 3)
        self.picture = nn.Linear(6, 256)

    def forward(self, batch: Batch, required_outputs: Any, *, true_reference: bool = False) -> Output:
        code = self.code(batch.query.flatten(1))
        reference = self.picture(code).sigmoid().view(batch.query.shape)
        reference_code = self.code(reference.flatten(1))
        extra: dict[str, Tensor] = {}
        if self.generator is not None:
            estimate = self.generator.training_step(batch.reference_pairs())
            reference, extra = estimate.reference, estimate.extra_losses
        return Output(
            reference=reference,
            query_code=code,
            reference_code=reference_code,
            target_code=self.code(batch.reference.flatten(1)).detach(),
            difference=code - reference_code,
            logits=self.classifier(code),
            query_reconstruction=self.picture(code).view(batch.query.shape),
            reference_reconstruction=self.picture(reference_code).view(batch.query.shape),
            extra_losses=extra,
        )

    def sample_count(self, batch: Batch, term: str) -> float | Tensor:
        assert self.generator is not None
        return self.generator.sample_count(batch.reference_pairs(), term)

    def phases(self) -> Any:
        from gcnet_core.interfaces import generator_phases

        return generator_phases(self.generator)


def phases_of(model: Model, losses: dict[str, tuple[Loss, Part]]) -> list[ActivePhase]:
    recipe = toy_recipe()
    modules, parts = (
        {name: loss for name, (loss, _) in losses.items()},
        {name: part for name, (_, part) in losses.items()},
    )
    objective = Objective(model, modules, parts, "all")
    stage = recipe.training.stages["joint"]
    trainable = set(model.parameters())
    return stage_phases(
        model, [*modules.values()], stage, objective, recipe.training.optimizer, trainable, objective.sample_count
    )


CASES = [
    ("cross_entropy", {}),
    ("cross_entropy", {"class_weights": {"anger": 5.0, "happiness": 0.1}}),
    ("cross_entropy", {"class_weights": "balanced", "label_smoothing": 0.1}),
    ("cross_entropy", {"class_weights": {"neutral": 0.0}}),
    ("cross_entropy", {"soft": True, "class_weights": {"anger": 5.0}}),
]


def losses_of(registry: Registry) -> list[tuple[str, dict[str, Any]]]:
    return [*CASES, *((name, {}) for name in registry.names("loss") if name != "cross_entropy")]


def test_every_loss(registry: Registry) -> None:
    context = BuildContext(registry, ImageConfig(size=16), CLASSES, (5, 3, 1))
    seen = set()
    for name, options in losses_of(registry):
        part = registry.part("loss", name, {"weight": 0.7, **options})
        phase = phases_of(Everything(context), {"term": (context.build(part), part)})[0]
        means, gradient = step(phase, [make_batch()])
        assert gradient.abs().sum() > 0 or name in UNEQUAL, name
        for sizes in SIZES:
            others, other = step(phase, pieces(make_batch(), sizes))
            equal = torch.allclose(other, gradient, atol=1e-6, rtol=1e-4) and others == pytest.approx(means, abs=1e-5)
            assert equal or name in UNEQUAL, (name, options, sizes, means, others)
        seen.add(name)
        assert part.config.compares_samples == (name in UNEQUAL)
    assert seen == set(registry.names("loss"))


@pytest.mark.parametrize("name", ["autoencoder", "vae", "gan", "diffusion", "conv"])
def test_every_generator(registry: Registry, name: str) -> None:
    context = BuildContext(registry, ImageConfig(size=16), CLASSES, (5, 3, 1))
    options: dict[str, Any] = {
        "gan": {"l1_weight": 0.3, "feature_weight": 0.2, "r1": 0.5, "channels": 4},
        "diffusion": {"channels": 8, "depth": 2},
        "conv": {"channels": [4, 8]},
        "vae": {"kl_weight": 3.0},
    }.get(name, {})
    torch.manual_seed(2)
    generator = context.build(registry.part("generator", name, options))
    generator.eval()
    part = registry.part("loss", "l2", {})
    for phase in phases_of(Everything(context, generator), {"generative": (context.build(part), part)}):
        means, gradient = step(phase, [make_batch()])
        assert gradient.abs().sum() > 0, phase.name
        for sizes in SIZES:
            others, other = step(phase, pieces(make_batch(), sizes))
            assert others == pytest.approx(means, abs=1e-5, rel=1e-5), (phase.name, sizes)
            scale = float(gradient.abs().max())
            assert torch.allclose(other, gradient, atol=1e-5 * max(1.0, scale), rtol=1e-4), (phase.name, sizes)


def test_there_is_no_generator_that_is_not_tried(registry: Registry) -> None:
    assert set(registry.names("generator")) == {"autoencoder", "vae", "gan", "diffusion", "conv"}


class Foreign(Loss):
    """A loss of a third party, which says nothing of its samples: a mean over all."""

    def forward(self, output: Output, batch: Batch) -> Tensor:
        assert output.logits is not None
        return output.logits.square().mean()


def test_a_loss_that_says_nothing_counts_all_samples(registry: Registry) -> None:
    context = BuildContext(registry, ImageConfig(size=16), CLASSES, (5, 3, 1))
    phase = phases_of(Everything(context), {"term": (Foreign(None, context), Part("loss", "x", LossConfig()))})[0]
    means, gradient = step(phase, [make_batch()])
    others, other = step(phase, pieces(make_batch(), [5, 3]))
    assert torch.allclose(gradient, other, atol=1e-6)
    assert others == pytest.approx(means)


def test_a_term_that_applies_to_nobody_is_zero(registry: Registry) -> None:
    context = BuildContext(registry, ImageConfig(size=16), CLASSES, (5, 3, 1))
    part = registry.part("loss", "l2", {})
    phase = phases_of(Everything(context), {"term": (context.build(part), part)})[0]
    batch = replace(make_batch(), has_reference=torch.zeros(8, dtype=torch.bool))
    means, gradient = step(phase, pieces(batch, [4, 4]))
    assert means == {"term": 0, "total": 0}
    assert not gradient.any()


@pytest.mark.parametrize("count", range(2, 40))
@pytest.mark.parametrize(("size", "accumulate"), [(2, 2), (2, 4), (4, 2), (3, 3)])
def test_groups_hold_the_samples_of_one_large_batch(count: int, size: int, accumulate: int) -> None:
    table = toy_table(count)

    def groups(size: int, accumulate: int) -> list[list[int]]:
        found = training_batches(table, np.arange(count), size, AugmentConfig(), 0, 0, None, accumulate)
        return [[int(row) for batch in group for row in batch.sample] for group in found]

    assert groups(size, accumulate) == groups(size * accumulate, 1)
    batches = training_batches(table, np.arange(count), size, AugmentConfig(), 0, 0, None, accumulate)
    assert all(len(batch) > 1 for group in batches for batch in group)


def test_what_is_not_one_large_batch_is_said(registry: Registry) -> None:
    recipe = toy_recipe(batch_size=4, accumulate=2)
    part = registry.part("loss", "supervised_contrastive", {})
    recipe = recipe.model_copy(update={"losses": {"classes": part}})
    model = nn.ModuleDict({"encoder": nn.BatchNorm2d(3), "classifier": nn.Linear(2, 2)})
    notes = list(batch_notes(recipe, model, 6))
    assert notes == [
        "training.batch_size: a step of 8 images is more than all 6; it takes these",
        "training.accumulate: batch norm (encoder) sees each batch of 4 images by itself",
        "training.accumulate: losses.classes compares the 4 images of a batch, not those of all that are added up",
    ]
    assert not list(batch_notes(toy_recipe(batch_size=4), model, 6))
