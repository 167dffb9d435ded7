"""Losses against explicit loops over samples, and against closed forms."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.interfaces import Batch, Output
from gcnet_core.plugin_api import Registry
from tests.plugins.faces import CLASSES, make_batch, make_context, make_part
from tests.runs import SMALL, gcnet, write_recipe

COUNT = 7


def make_output(seed: int, batch: Batch) -> Output:
    generator = torch.Generator().manual_seed(seed)

    def draw(*shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=generator).requires_grad_()

    codes = torch.nn.functional.normalize(draw(2, COUNT, 5) - 0.5, dim=2)
    return Output(
        reference=draw(*batch.query.shape),
        query_code=codes[0],
        reference_code=codes[1],
        target_code=draw(COUNT, 5).detach(),
        difference=draw(COUNT, 5) - 0.5,
        logits=4 * draw(COUNT, len(CLASSES)),
        query_reconstruction=draw(*batch.query.shape),
        reference_reconstruction=draw(*batch.query.shape),
    )


def case(registry: Registry, name: str, seed: int = 0, **options: Any) -> tuple[torch.Tensor, Output, Batch]:
    context = make_context(registry, size=8)
    batch = make_batch(context, COUNT, seed)
    output = make_output(seed, batch)
    loss: torch.Tensor = make_part(context, "loss", name, **options)(output, batch)
    return loss, output, batch


seeds = pytest.mark.parametrize("seed", range(3))


@seeds
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(
    ("setting", "weights"),
    [
        (None, (1, 1, 1)),
        ({"anger": 3.0}, (1, 3, 1)),
        ("balanced", (8 / (3 * 4), 8 / (3 * 2), 8 / (3 * 2))),  # images / (classes x images of the class)
    ],
)
def test_cross_entropy(registry: Registry, seed: int, smoothing: float, setting: Any, weights: Any) -> None:
    loss, output, batch = case(registry, "cross_entropy", seed, label_smoothing=smoothing, class_weights=setting)
    assert output.logits is not None
    total = norm = 0.0
    for logits, label in zip(output.logits.tolist(), batch.label.tolist(), strict=True):
        log_sum = math.log(sum(math.exp(value) for value in logits))
        for index, value in enumerate(logits):
            target = (1 - smoothing) * (index == label) + smoothing / len(logits)
            total -= weights[index] * target * (value - log_sum)
        norm += weights[label]
    assert loss.item() == pytest.approx(total / norm, rel=1e-5)


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_their_number(registry: Registry) -> None:
    context = make_context(registry, size=8)
    batch = make_batch(context, COUNT)
    loss = make_part(context, "loss", "cross_entropy")(Output(logits=torch.zeros(COUNT, 3)), batch)
    assert loss.item() == pytest.approx(math.log(3))


def test_cross_entropy_passes_over_samples_without_a_label(registry: Registry) -> None:
    context = make_context(registry, size=8)
    batch = make_batch(context, COUNT)
    loss = make_part(context, "loss", "cross_entropy")
    logits = make_output(0, batch).logits
    assert logits is not None
    unlabelled = Batch(**{**vars(batch), "label": torch.where(torch.arange(COUNT) < 3, batch.label, -1)})
    alone = Batch(**{name: value[:3] for name, value in vars(batch).items()})
    assert torch.equal(loss(Output(logits=logits), unlabelled), loss(Output(logits=logits[:3]), alone))
    nobody = Batch(**{**vars(batch), "label": torch.full((COUNT,), -1)})
    logits.retain_grad()
    nothing = loss(Output(logits=logits), nobody)
    nothing.backward()
    assert nothing.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


@seeds
@pytest.mark.parametrize("name", ["l1", "l2"])
def test_generative_losses(registry: Registry, name: str, seed: int) -> None:
    loss, output, batch = case(registry, name, seed)
    assert output.reference is not None
    errors = []
    for index in range(COUNT):
        if not batch.has_reference[index]:
            continue
        pairs = zip(output.reference[index].flatten().tolist(), batch.reference[index].flatten().tolist(), strict=True)
        errors += [abs(made - true) ** (2 if name == "l2" else 1) for made, true in pairs]
    assert loss.item() == pytest.approx(sum(errors) / len(errors), rel=1e-5)


@pytest.mark.parametrize("name", ["l1", "l2"])
def test_unknown_references_have_no_influence(registry: Registry, name: str) -> None:
    loss, output, batch = case(registry, name)
    assert output.reference is not None
    output.reference.retain_grad()
    loss.backward()
    assert output.reference.grad is not None
    assert not output.reference.grad[~batch.has_reference].any()
    assert output.reference.grad[batch.has_reference].any()
    nobody = Batch(**{**vars(batch), "has_reference": torch.zeros(COUNT, dtype=torch.bool)})
    context = make_context(registry, size=8)
    nothing = make_part(context, "loss", name)(output, nobody)
    assert nothing.item() == 0
    nothing.backward()


@seeds
@pytest.mark.parametrize("margin", [0.5, 1.0, 2.0])
def test_margin_contrastive(registry: Registry, seed: int, margin: float) -> None:
    loss, output, batch = case(registry, "margin_contrastive", seed, margin=margin)
    assert output.query_code is not None
    assert output.reference_code is not None
    total = 0.0
    for index in range(COUNT):
        pairs = zip(output.query_code[index].tolist(), output.reference_code[index].tolist(), strict=True)
        distance = math.sqrt(sum((first - second) ** 2 for first, second in pairs))
        total += distance**2 if batch.neutral[index] else max(0.0, margin - distance) ** 2
    assert loss.item() == pytest.approx(total / COUNT, rel=1e-4)


@settings(max_examples=20, deadline=None)
@given(distance=st.floats(0.01, 1.9), margin=st.floats(0.1, 2.0))
def test_margin_contrastive_of_two_codes_at_a_known_distance(
    registry: Registry, distance: float, margin: float
) -> None:
    angle = 2 * math.asin(distance / 2)  # of two unit vectors
    output = Output(
        query_code=torch.tensor([[1.0, 0.0]] * 2),
        reference_code=torch.tensor([[math.cos(angle), math.sin(angle)]] * 2),
    )
    context = make_context(registry, size=8)
    batch = make_batch(context, 2)  # the first is neutral, the second is not
    loss = make_part(context, "loss", "margin_contrastive", margin=margin)(output, batch)
    assert loss.item() == pytest.approx((distance**2 + max(0.0, margin - distance) ** 2) / 2, abs=1e-4)


def test_margin_contrastive_has_a_finite_gradient_where_query_and_reference_are_equal(registry: Registry) -> None:
    codes = torch.nn.functional.normalize(torch.rand(COUNT, 4), dim=1).requires_grad_()
    context = make_context(registry, size=8)
    loss = make_part(context, "loss", "margin_contrastive")(
        Output(query_code=codes, reference_code=codes.detach()), make_batch(context, COUNT)
    )
    loss.backward()
    assert codes.grad is not None
    assert codes.grad.isfinite().all()


@seeds
def test_reconstruction(registry: Registry, seed: int) -> None:
    loss, output, batch = case(registry, "reconstruction", seed)
    assert output.query_reconstruction is not None
    assert output.reference_reconstruction is not None
    assert output.reference is not None
    total = torch.zeros(())
    for index in range(COUNT):
        target = batch.reference[index] if batch.has_reference[index] else output.reference[index].detach()
        total += (output.query_reconstruction[index] - batch.query[index]).square().mean()
        total += (output.reference_reconstruction[index] - target).square().mean()
    assert loss.item() == pytest.approx(total.item() / COUNT, rel=1e-5)
    loss.backward()


def test_reconstruction_without_a_generator_is_of_the_given_reference(registry: Registry) -> None:
    _, output, batch = case(registry, "reconstruction")
    output.reference = None
    assert output.query_reconstruction is not None
    assert output.reference_reconstruction is not None
    loss = make_part(make_context(registry, size=8), "loss", "reconstruction")(output, batch)
    total = (output.query_reconstruction - batch.query).square().mean()
    for index in range(COUNT):
        if batch.has_true_reference[index]:  # a model that needs one is given no sample without
            error = output.reference_reconstruction[index] - batch.true_reference[index]
            total = total + error.square().mean() / COUNT
    assert not batch.has_true_reference.all()
    assert torch.allclose(loss, total)


@seeds
def test_gradient(registry: Registry, seed: int) -> None:
    loss, output, batch = case(registry, "gradient", seed)
    assert output.reference is not None
    total = 0.0
    for index in range(COUNT - 1):  # the last has no reference
        error = (output.reference[index] - batch.reference[index])[0].tolist()
        down = [abs(below - above) for row, after in pairwise(error) for above, below in zip(row, after, strict=True)]
        across = [abs(right - left) for row in error for left, right in pairwise(row)]
        total += sum(down) / len(down) + sum(across) / len(across)
    assert loss.item() == pytest.approx(total / (COUNT - 1), rel=1e-4)


def test_gradient_does_not_see_brightness(registry: Registry) -> None:
    context = make_context(registry, size=8)
    batch = make_batch(context, COUNT)
    loss = make_part(context, "loss", "gradient")(Output(reference=batch.reference + 0.1), batch)
    assert loss.item() == pytest.approx(0, abs=1e-6)


@seeds
def test_perceptual(registry: Registry, seed: int) -> None:
    loss, output, _ = case(registry, "perceptual", seed)
    assert output.reference_code is not None
    assert output.target_code is not None
    total = 0.0
    for index in range(COUNT - 1):
        codes = [each[index].tolist() for each in (output.reference_code, output.target_code)]
        lengths = [math.sqrt(sum(value**2 for value in code)) for code in codes]
        pairs = zip(*codes, strict=True)
        total += sum((first / lengths[0] - second / lengths[1]) ** 2 for first, second in pairs)
    assert loss.item() == pytest.approx(total / (COUNT - 1), rel=1e-4)


def test_perceptual_does_not_see_how_long_codes_are(registry: Registry) -> None:
    loss, output, batch = case(registry, "perceptual")
    assert output.reference_code is not None
    assert output.target_code is not None
    output.reference_code, output.target_code = 100 * output.reference_code, 50 * output.target_code
    again = make_part(make_context(registry, size=8), "loss", "perceptual")(output, batch)
    assert again.item() == pytest.approx(loss.item(), rel=1e-4)


@seeds
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_supervised_contrastive(registry: Registry, seed: int, temperature: float) -> None:
    loss, output, batch = case(registry, "supervised_contrastive", seed, temperature=temperature)
    assert output.difference is not None
    rows = [index for index in range(COUNT) if not batch.neutral[index]]

    def similarity(first: int, second: int) -> float:
        assert output.difference is not None
        cosine = torch.cosine_similarity(output.difference[first].detach(), output.difference[second].detach(), dim=0)
        return float(cosine) / temperature

    losses = []
    for anchor in rows:
        others = [row for row in rows if row != anchor]
        same = [row for row in others if batch.label[row] == batch.label[anchor]]
        norm = math.log(sum(math.exp(similarity(anchor, other)) for other in others))
        losses.append(sum(norm - similarity(anchor, other) for other in same) / len(same))
    assert loss.item() == pytest.approx(sum(losses) / len(losses), rel=1e-4)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_supervised_contrastive_without_a_pair_is_zero_with_a_finite_gradient(registry: Registry, count: int) -> None:
    context = make_context(registry, size=8)
    difference = torch.rand(count, 4).requires_grad_()
    batch = make_batch(context, count)  # neutral, anger, happiness
    loss = make_part(context, "loss", "supervised_contrastive")(Output(difference=difference), batch)
    loss.backward()
    assert loss.item() == 0
    assert difference.grad is not None
    assert not difference.grad.any()


@pytest.mark.parametrize(
    ("stage", "loss", "changes"),
    [
        ("generator", "gradient", ()),
        ("generator", "perceptual", ("model.generator_gradient=true",)),
        ("encoder", "supervised_contrastive", ()),
    ],
)
def test_a_recipe_can_name_it(stage: str, loss: str, changes: tuple[str, ...], tmp_path: Path) -> None:
    words = [f"losses.other.type={loss}", f"training.stages.{stage}.losses=[other]", "training.stages.joint=null"]
    choices = [word for change in (*words, *changes) for word in ("--set", change)]
    run = gcnet("run", write_recipe(tmp_path, SMALL), "--smoke", "--output", tmp_path / "run", *choices)
    assert run.returncode == 0, run.stderr
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    values = [json.loads(line)["losses"]["main"]["other"] for line in lines if json.loads(line)["stage"] == stage]
    assert values
    assert all(value > 0 for value in values)
