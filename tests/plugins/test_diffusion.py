"""Diffusion against closed forms: mixtures, targets, sampling with a network that knows the answer, its own term."""

from typing import Any

import pytest
import torch
from gcnet_diffusion.process import process_of
from torch import Tensor, nn

from gcnet_core.interfaces import Batch
from gcnet_core.plugin_api import Registry
from tests.plugins.faces import make_batch, make_context, make_part

SMALL: dict[str, Any] = {"channels": 8, "depth": 2}
TARGETS = ["noise", "v", "flow"]


def diffusion(registry: Registry, **options: Any) -> Any:
    return make_part(make_context(registry), "generator", "diffusion", **{**SMALL, **options})


def shares(target: str, time: float) -> tuple[float, float]:
    """How much picture and how much noise a mixture holds at a time: by the papers' own formulas."""
    if target == "flow":
        return 1 - time / 1000, time / 1000
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    kept = (1 - betas).cumprod(0)
    if target == "v":  # Lin et al., arXiv 2305.08891, algorithm 1: shift and scale the root so that it ends at zero
        root = kept.sqrt()
        kept = ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2
    return float(kept[int(time)].sqrt()), float((1 - kept[int(time)]).sqrt())


@pytest.mark.parametrize("target", TARGETS)
def test_mixtures_and_targets(target: str) -> None:
    process, picture, noise = process_of(target), torch.randn(4, 1, 4, 4), torch.randn(4, 1, 4, 4)
    times = torch.tensor([3.0, 250.0, 700.5, 999.0])
    mixed, wanted = process.mix(picture, noise, times), process.target(picture, noise, times)
    for index, time in enumerate(times.tolist()):
        kept, added = shares(target, time)
        torch.testing.assert_close(mixed[index], kept * picture[index] + added * noise[index], rtol=1e-3, atol=1e-4)
        expected = {
            "noise": noise[index],
            "v": kept * noise[index] - added * picture[index],
            "flow": noise[index] - picture[index],
        }[target]
        torch.testing.assert_close(wanted[index], expected, rtol=1e-3, atol=1e-4)


class Knowing(nn.Module):
    """Predicts the target without error, because it is told the picture."""

    def __init__(self, target: str, picture: Tensor) -> None:
        super().__init__()
        self.target, self.picture = target, picture

    def forward(self, inputs: Tensor, times: Tensor, return_dict: bool) -> tuple[Tensor]:
        mixed = nn.functional.pixel_shuffle(inputs, 2)[:, :1]
        kept, added = shares(self.target, float(times[0]))
        noise = (mixed - kept * self.picture) / added
        answer = {"noise": noise, "v": kept * noise - added * self.picture, "flow": noise - self.picture}
        return (nn.functional.pixel_unshuffle(answer[self.target], 2),)


@pytest.mark.parametrize("output", ["residual", "direct"])
@pytest.mark.parametrize("steps", [1, 2, 3, 8])
@pytest.mark.parametrize("target", TARGETS)
def test_a_network_that_knows_the_answer_leads_to_it(registry: Registry, target: str, steps: int, output: str) -> None:
    generator = diffusion(registry, target=target, steps=steps, output=output).eval()
    batch = make_batch(make_context(registry))
    generator.network = Knowing(target, generator._picture(batch.reference_pairs()))
    torch.testing.assert_close(generator(batch.query), batch.reference, rtol=0, atol=2e-3)


def test_the_term_against_a_loop(registry: Registry) -> None:
    generator, batch = diffusion(registry, target="flow", weight=3.0).train(), make_batch(make_context(registry))
    torch.manual_seed(0)
    term = generator.extra_losses(batch.reference_pairs())["flow"]
    torch.manual_seed(0)
    noise, start = torch.randn_like(batch.query), torch.rand(1).item()
    errors = []
    for index in torch.arange(len(batch))[batch.has_reference].tolist():
        time = (start + index / len(batch)) % 1
        picture = 8.0 * (batch.reference[index] - batch.query[index])
        mixed = (1 - time) * picture + time * noise[index]
        inputs = nn.functional.pixel_unshuffle(torch.cat([mixed, 2 * batch.query[index] - 1])[None], 2)
        predicted = nn.functional.pixel_shuffle(generator.network(inputs, torch.tensor([1000 * time])).sample, 2)
        errors.append((predicted[0] - (noise[index] - picture)).square().mean().item())
    assert term.item() == pytest.approx(3 * sum(errors) / len(errors), rel=1e-3)


def test_focus_trains_where_sampling_steps_start(registry: Registry) -> None:
    generator = diffusion(registry, target="flow", steps=4, focus=0.5)
    times = torch.cat([generator._times(torch.rand(64, 1, 8, 8)) for _ in range(20)])
    at_starts = torch.isin(times, torch.tensor([1000.0, 750.0, 500.0, 250.0]))
    assert at_starts.float().mean().item() == pytest.approx(0.5, abs=0.06)
    assert [(times == start).sum() > 100 for start in (1000, 750, 500, 250)] == [True] * 4
    assert times[~at_starts].mean().item() == pytest.approx(500, abs=40)


def test_terms_alone_do_not_sample(registry: Registry) -> None:
    generator = diffusion(registry).train()
    generator.sample = None
    assert generator.extra_losses(make_batch(make_context(registry)).reference_pairs())["v"] > 0


@pytest.mark.parametrize("differentiable", [True, False])
def test_the_gradient_passes_the_steps_if_asked(registry: Registry, differentiable: bool) -> None:
    generator, batch = (
        diffusion(registry, differentiable=differentiable, steps=3).train(),
        make_batch(make_context(registry)),
    )
    query = batch.query.clone().requires_grad_(True)
    reference = generator(query)
    reference.square().sum().backward()
    reached = any(weight.grad is not None for weight in generator.network.parameters())
    assert reached == differentiable
    assert query.grad is not None  # the residual form adds to the query


def test_training_draws_other_noise_for_each_face_and_evaluation_the_same(registry: Registry) -> None:
    generator = diffusion(registry, steps=1)
    query = make_batch(make_context(registry)).query[:1].expand(2, -1, -1, -1)
    first, second = generator.train()(query)
    assert not torch.allclose(first, second)
    first, second = generator.eval()(query)
    torch.testing.assert_close(first, second)


def test_nobody_has_a_reference(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    unknown = Batch(**{**vars(batch), "has_reference": torch.zeros(len(batch), dtype=torch.bool)})
    assert diffusion(registry).train().training_step(unknown.reference_pairs()).extra_losses["v"] == 0
