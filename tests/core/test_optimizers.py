"""Learning rate against its closed form, decay only where it belongs, threads by rule."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from gcnet_core.plugin_api import UserError
from gcnet_core.recipe.schema import OptimizerConfig
from gcnet_core.training.guard import Guard, gradients
from gcnet_core.training.optimizers import make_optimizer, rate_factor
from gcnet_core.training.resources import choose_device, choose_threads


def test_rate_rises_linearly_then_falls_as_half_a_cosine() -> None:
    config = OptimizerConfig(warmup=0.1)
    factors = [rate_factor(step, 100, config) for step in range(100)]
    assert factors[:10] == pytest.approx([(step + 1) / 11 for step in range(10)])
    assert factors[10:] == pytest.approx([0.5 * (1 + math.cos(math.pi * step / 90)) for step in range(90)])
    assert min(factors) > 0


def test_constant_schedule_keeps_the_peak() -> None:
    assert {rate_factor(step, 50, OptimizerConfig(warmup=0, schedule="constant")) for step in range(50)} == {1.0}


@pytest.mark.parametrize(("kind", "expected"), [("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)])
def test_biases_and_norms_are_not_decayed(kind: str, expected: type) -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    optimizer = make_optimizer(model.parameters(), OptimizerConfig(type=kind, weight_decay=0.3), 0.5)
    assert isinstance(optimizer, expected)
    decay = {id(weight): group["weight_decay"] for group in optimizer.param_groups for weight in group["params"]}
    assert decay == {id(weight): 0.3 if weight.ndim > 1 else 0.0 for weight in model.parameters()}
    assert all(group["lr"] == 0.5 for group in optimizer.param_groups)


def test_phase_may_have_its_own_betas() -> None:
    weight = [nn.Parameter(torch.zeros(2, 2))]
    assert make_optimizer(weight, OptimizerConfig(), betas=(0.0, 0.99)).param_groups[0]["betas"] == (0.0, 0.99)
    assert make_optimizer(weight, OptimizerConfig()).param_groups[0]["betas"] == (0.9, 0.999)


def test_threads_grow_with_the_batch_and_never_beyond_the_cores(monkeypatch) -> None:
    monkeypatch.setattr("gcnet_core.training.resources.available_cores", lambda: 4)
    assert choose_threads("auto", 1, 64) == 1
    assert choose_threads("auto", 8, 48) == 1
    assert choose_threads("auto", 16, 64) == 2
    assert choose_threads("auto", 512, 64) == 4
    assert choose_threads(7, 1, 8) == 7


def test_device_by_name() -> None:
    assert choose_device("cpu") == torch.device("cpu")
    with pytest.raises(UserError, match="--device nonsense"):
        choose_device("nonsense")


@pytest.mark.parametrize("options", [{}, {"type": "sgd"}, {"type": "sgd", "momentum": 0}])
@pytest.mark.parametrize("largest", [None, 0.1, 1e6])
def test_a_gradient_that_is_shortened_on_the_way_moves_weights_as_one_that_was_clipped(
    options: dict[str, Any], largest: float | None
) -> None:
    weights = [torch.nn.Parameter(torch.arange(6.0).reshape(2, 3)), torch.nn.Parameter(torch.ones(4))]
    others = [torch.nn.Parameter(weight.detach().clone()) for weight in weights]
    guarded, plain = (make_optimizer(each, OptimizerConfig(**options)) for each in (weights, others))
    guard = Guard(torch.device("cpu"))
    for step in range(4):
        for weight, other in zip(weights, others, strict=True):
            weight.grad = torch.full_like(weight, 1.0 + step)
            other.grad = weight.grad.clone()
        guard.hold(guarded, torch.nn.utils.get_total_norm([*gradients(weights)]), largest)
        guarded.step()
        torch.nn.utils.clip_grad_norm_(others, largest or float("inf"))
        plain.step()
    for weight, other in zip(weights, others, strict=True):
        assert torch.allclose(weight, other, rtol=1e-5, atol=1e-6)
