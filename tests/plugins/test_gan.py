"""The GAN's losses against closed forms, its phase, and what it does where no true reference is known."""

import math
from typing import Any

import pytest
import torch
from gcnet_gan.losses import discriminator_loss, feature_distance, generator_loss, gradient_penalty

from gcnet_core.interfaces import Batch
from gcnet_core.plugin_api import Registry
from tests.plugins.faces import make_batch, make_context, make_part

SMALL: dict[str, Any] = {"channels": 8, "latent": 16, "discriminator_channels": 8}


def gan(registry: Registry, **options: Any) -> Any:
    return make_part(make_context(registry), "generator", "gan", **{**SMALL, **options})


def test_losses_against_loops() -> None:
    true, generated = torch.randn(2, 5, 1, 2, 2)
    known = torch.tensor([True, False, True, True, False])
    pairs = list(zip(true[known].flatten().tolist(), generated[known].flatten().tolist(), strict=True))
    hinge = sum(max(0, 1 - t) + max(0, 1 + g) for t, g in pairs) / len(pairs)
    saturating = sum(math.log(1 + math.exp(-t)) + math.log(1 + math.exp(g)) for t, g in pairs) / len(pairs)
    assert discriminator_loss("hinge", true, generated, known).item() == pytest.approx(hinge, rel=1e-5)
    assert discriminator_loss("non_saturating", true, generated, known).item() == pytest.approx(saturating, rel=1e-5)
    assert generator_loss("hinge", generated, known).item() == pytest.approx(
        -sum(g for _, g in pairs) / len(pairs), rel=1e-4
    )
    softplus = sum(math.log(1 + math.exp(-g)) for _, g in pairs) / len(pairs)
    assert generator_loss("non_saturating", generated, known).item() == pytest.approx(softplus, rel=1e-5)


def test_a_discriminator_that_cannot_tell_has_the_known_loss() -> None:
    zero, known = torch.zeros(4, 1, 2, 2), torch.ones(4, dtype=torch.bool)
    assert discriminator_loss("hinge", zero, zero, known) == 2
    assert discriminator_loss("non_saturating", zero, zero, known).item() == pytest.approx(2 * math.log(2))


def test_gradient_penalty_of_a_linear_verdict() -> None:
    images = torch.rand(3, 1, 4, 4, requires_grad=True)
    slope = torch.randn(1, 4, 4)
    verdicts = (images * slope).sum(dim=(1, 2, 3)).view(-1, 1, 1, 1)
    known = torch.tensor([True, False, True])
    assert gradient_penalty(verdicts, images, known).item() == pytest.approx(slope.square().sum().item() / 2, rel=1e-5)


def test_feature_distance_moves_the_generated_side_alone() -> None:
    first, second = (torch.randn(2, 3, 2, 2, requires_grad=True) for _ in range(2))
    distance = feature_distance([first], [second], torch.tensor([False, True]))
    assert distance.item() == pytest.approx((first - second)[1].abs().mean().item())
    distance.backward()
    assert second.grad is None


def test_spectral_norm_limits_every_layer(registry: Registry) -> None:
    discriminator = gan(registry).discriminator.train()
    query = torch.rand(2, 1, 32, 32)
    for _ in range(30):
        discriminator(query, query)
    for layer in [*discriminator.blocks, discriminator.last]:
        assert torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2).item() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("options", [{}, {"r1": 1.0}, {"adversarial": "non_saturating", "spectral_norm": False}])
def test_the_phase_moves_the_discriminator_and_the_estimate_does_not(registry: Registry, options: Any) -> None:
    generator = gan(registry, **options)
    (phase,) = generator.phases()
    assert phase.name == "discriminator"
    sum(phase.loss(make_batch(make_context(registry)).reference_pairs()).values()).backward()
    assert all(weight.grad is not None for weight in generator.discriminator.parameters())
    assert all(weight.grad is None for weight in generator.up.parameters())
    before = [weight.grad.clone() for weight in generator.discriminator.parameters()]
    generator.discriminator.requires_grad_(False)  # as the trainer does in the main phase
    torch.nn.init.normal_(generator.up.last.weight)
    sum(generator.training_step(make_batch(make_context(registry)).reference_pairs()).extra_losses.values()).backward()
    assert all(weight.grad.any() for weight in generator.up.parameters())
    after = [weight.grad for weight in generator.discriminator.parameters()]
    assert all(torch.equal(first, second) for first, second in zip(before, after, strict=True))


def test_terms_are_those_with_a_factor(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    assert set(gan(registry).training_step(batch.reference_pairs()).extra_losses) == {"adversarial"}
    every = gan(registry, l1_weight=1, feature_weight=1).training_step(batch.reference_pairs())
    assert set(every.extra_losses) == {"adversarial", "features", "absolute"}
    known = batch.has_reference
    expected = (every.reference[known] - batch.reference[known]).abs().mean()
    assert torch.allclose(every.extra_losses["absolute"], expected)


def test_without_true_references_nothing_is_asked_of_it(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    unknown = Batch(**{**vars(batch), "has_reference": torch.zeros(len(batch), dtype=torch.bool)})
    generator = gan(registry)
    (term,) = generator.training_step(unknown.reference_pairs()).extra_losses.values()
    assert term == 0
    term.backward()
    assert all((weight.grad == 0).all() for weight in generator.parameters() if weight.grad is not None)
    verdict = generator.phases()[0].loss(unknown.reference_pairs())["verdict"]
    assert verdict.item() == 0
    verdict.backward()


def test_unknown_references_have_no_influence(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    noisy = Batch(
        **{**vars(batch), "reference": torch.where(batch.has_reference.view(-1, 1, 1, 1), batch.reference, 0.7)}
    )
    generator = gan(registry).eval()
    assert torch.equal(
        generator.discriminate(batch.reference_pairs())["verdict"],
        generator.discriminate(noisy.reference_pairs())["verdict"],
    )


def test_the_recipe_sets_interval_rate_and_betas(registry: Registry) -> None:
    (phase,) = gan(registry, interval=3, discriminator_learning_rate=1e-5, discriminator_betas=(0.1, 0.2)).phases()
    assert (phase.interval, phase.learning_rate, phase.betas) == (3, 1e-5, (0.1, 0.2))
