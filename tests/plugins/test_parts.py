"""What every encoder, delta, classifier, decoder, generator and model promises."""

import dataclasses
import functools
from typing import Any

import pytest
import torch
from gcnet_vae.generator import divergence
from torch import nn

from gcnet_core.interfaces import Model
from gcnet_core.plugin_api import ImageConfig, RecipeInfo, Registry
from tests.plugins.faces import CLASSES, make_batch, make_context, make_part

GENERATORS: list[tuple[str, dict[str, Any]]] = [
    (name, {"output": output, "skip_connections": skips, "channels": 8, "latent": 16})
    for name in ("autoencoder", "vae")
    for output in ("residual", "direct")
    for skips in (True, False)
] + [("conv", {"channels": (8, 16), "unshuffle": unshuffle}) for unshuffle in (True, False)]
ENCODERS: list[tuple[str, dict[str, Any]]] = [
    ("conv", {"width": 24}),
    ("conv", {"width": 24, "unshuffle": True, "channels": (8, 16)}),
    ("conv", {"width": 24, "depth": 3, "channels": (8, 16)}),
    ("conv", {"width": 24, "channels": (8, 16), "views": (-0.1, 0.0, 0.1)}),
    ("timm", {"name": "resnet18", "width": 24}),
    ("timm", {"name": "mobilenetv3_small_050"}),
]
SHAPES = pytest.mark.parametrize(("size", "channels"), [(32, 1), (48, 3)])


def all_gradients_arrive(part: nn.Module) -> bool:
    return all(weight.grad is not None and bool(weight.grad.any()) for weight in part.parameters())


@SHAPES
@pytest.mark.parametrize(("name", "options"), ENCODERS)
def test_encoders(registry: Registry, name: str, options: dict[str, Any], size: int, channels: int) -> None:
    encoder = make_part(make_context(registry, size, channels), "encoder", name, **options)
    images = torch.rand(5, channels, size, size)
    codes = encoder.train()(images)
    assert codes.shape == (5, encoder.width)
    assert encoder.width == options.get("width", encoder.width)
    codes.square().sum().backward()
    assert all(weight.grad is not None for weight in encoder.parameters())
    encoder.eval()
    assert torch.allclose(encoder(images)[:2], encoder(images[:2]), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "form"), [("signed", lambda d: d), ("absolute", torch.abs), ("squared", torch.square)]
)
@pytest.mark.parametrize("append", [False, True])
def test_deltas(registry: Registry, name: str, form: Any, append: bool) -> None:
    context = make_context(registry)
    delta = make_part(context, "delta", name, in_features=6, scale=3.0, append_query=append)
    query, reference = torch.randn(2, 4, 6)
    features = delta(query, reference)
    expected = 3 * form(query - reference)
    assert torch.allclose(features, torch.cat([expected, 3 * query], dim=1) if append else expected, atol=1e-6)
    assert delta.width == features.shape[1]
    features.sum().backward()
    assert all_gradients_arrive(delta)
    assert not list(filter(lambda weight: weight.requires_grad, fixed_scale(context, name).parameters()))


def fixed_scale(context: Any, name: str) -> Any:
    return make_part(context, "delta", name, in_features=6, learn_scale=False)


@pytest.mark.parametrize("append", [False, True])
def test_batch_norm_scales_each_component_of_the_difference(registry: Registry, append: bool) -> None:
    options = {"batch_norm": True, "append_query": append, "scale": 3.0}
    delta = make_part(make_context(registry), "delta", "signed", in_features=4, **options)
    query, reference = torch.randn(2, 16, 4)
    features = delta(query, reference)
    difference = query - reference
    expected = (difference - difference.mean(0)) / (difference.var(0, correction=0) + 1e-5).sqrt()
    assert torch.allclose(features[:, :4], expected, atol=1e-5)
    assert torch.allclose(features[:, 4:], 3 * query[:, : features.shape[1] - 4])
    (features * torch.randn_like(features)).sum().backward()
    assert all(weight.grad is not None for weight in delta.parameters() if weight.requires_grad)
    assert delta.log_scale.requires_grad == append


@pytest.mark.parametrize("name", ["linear", "mlp"])
def test_classifiers(registry: Registry, name: str) -> None:
    classifier = make_part(make_context(registry), "classifier", name, in_features=6)
    logits = classifier(torch.randn(8, 6))
    assert logits.shape == (8, len(CLASSES))
    logits.square().sum().backward()
    assert all_gradients_arrive(classifier)


@SHAPES
def test_decoder(registry: Registry, size: int, channels: int) -> None:
    context = make_context(registry, size, channels)
    decoder = make_part(context, "decoder", "conv", in_features=6, channels=(8, 8, 4))
    images = decoder(torch.randn(4, 6))
    assert images.shape == (4, channels, size, size)
    assert images.min() >= 0
    assert images.max() <= 1
    images.square().sum().backward()
    assert all_gradients_arrive(decoder)


@SHAPES
@pytest.mark.parametrize(("name", "options"), GENERATORS)
def test_generators(registry: Registry, name: str, options: dict[str, Any], size: int, channels: int) -> None:
    context = make_context(registry, size, channels)
    generator = make_part(context, "generator", name, **options)
    batch = make_batch(context)
    query = batch.query.clone()
    torch.manual_seed(0)
    generator.train()
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    for _ in range(2):  # in the first step nothing reaches what lies before a last layer of zeros
        optimizer.zero_grad()
        estimate = generator.training_step(batch.reference_pairs())
        loss = (estimate.reference - batch.reference).square().mean() + sum(estimate.extra_losses.values())
        loss.backward()
        optimizer.step()
    assert all(weight.grad is not None and bool(weight.grad.any()) for weight in generator.parameters())
    generator.eval()
    with torch.no_grad():
        reference = generator(query)
        assert torch.equal(reference, generator(query)), "an estimate in eval mode is not drawn"
        assert torch.allclose(generator(query[1:3]), reference[1:3], atol=1e-6), "other samples have no influence"
    assert reference.shape == query.shape
    assert reference.min() >= 0
    assert reference.max() <= 1
    assert torch.equal(query, batch.query), "the input is not changed"


RESIDUAL: list[tuple[str, dict[str, Any]]] = [
    (name, {"output": "residual", "skip_connections": skips})
    for name in ("autoencoder", "vae")
    for skips in (True, False)
]


@pytest.mark.parametrize(("name", "options"), [*RESIDUAL, ("conv", {})])
def test_a_residual_generator_starts_as_the_copy_of_the_query(
    registry: Registry, name: str, options: dict[str, Any]
) -> None:
    context = make_context(registry)
    generator = make_part(context, "generator", name, **options)
    query = make_batch(context).query
    assert torch.equal(generator.eval()(query), query)


@pytest.mark.parametrize("unshuffle", [True, False])
def test_the_conv_encoder_can_begin_with_the_blocks_of_the_conv_generator(registry: Registry, unshuffle: bool) -> None:
    """They see the same: after the copy the encoder's blocks give what enters the generator's way up."""
    context = make_context(registry)
    options = {"channels": (8, 16), "unshuffle": unshuffle}
    generator = make_part(context, "generator", "conv", **options).eval()
    encoder = make_part(context, "encoder", "conv", **options).eval()
    encoder.blocks.load_state_dict(generator.blocks.state_dict())
    seen: list[torch.Tensor] = []
    generator.ups[0].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    query = make_batch(context).query
    generator(query)
    deepest = encoder.blocks(encoder.unshuffle(2 * query - 1))
    doubled = nn.functional.interpolate(deepest, scale_factor=2)
    assert torch.allclose(seen[0][:, :16], doubled, atol=1e-6)


def test_without_skip_connections_everything_passes_the_bottleneck(registry: Registry) -> None:
    """Two queries with the same latent have the same estimate; with skip connections they have not."""
    context = make_context(registry)
    query = make_batch(context, 2).query
    for skips in (True, False):
        generator = make_part(context, "generator", "autoencoder", output="direct", skip_connections=skips).eval()
        nn.init.zeros_(generator.down.vector.weight)
        first, second = generator(query)
        assert torch.equal(first, second) is not skips


def test_the_gradient_passes_pixels_outside_the_range(registry: Registry) -> None:
    context = make_context(registry)
    generator = make_part(context, "generator", "autoencoder", output="residual")
    nn.init.constant_(generator.up.last.bias, 2.0)  # query - 2 is below 0 everywhere
    reference = generator(make_batch(context).query)
    assert not reference.any()
    reference.sum().backward()
    assert generator.up.last.bias.grad.any()


def test_vae_draws_its_latent_in_training_alone(registry: Registry) -> None:
    context = make_context(registry)
    vae = make_part(context, "generator", "vae", output="direct")
    query = make_batch(context).query
    assert not torch.equal(vae.train()(query), vae(query))
    torch.manual_seed(3)
    first = vae(query)
    torch.manual_seed(3)
    assert torch.equal(first, vae(query))


def test_divergence_against_its_closed_form_and_torch() -> None:
    mean, log_variance = torch.randn(2, 5, 7)
    normal = torch.distributions.Normal(mean, (log_variance / 2).exp())
    standard = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    expected = torch.distributions.kl_divergence(normal, standard).sum(dim=1).mean()
    assert torch.allclose(divergence(mean, log_variance), expected, rtol=1e-5)
    assert divergence(torch.zeros(2, 3), torch.zeros(2, 3)) == 0


def test_vae_term_is_the_weighted_divergence_per_pixel(registry: Registry) -> None:
    context = make_context(registry, size=16)
    vae = make_part(context, "generator", "vae", kl_weight=0.5, depth=2)
    batch = make_batch(context)
    mean, log_variance = vae.down(batch.query)[1].chunk(2, dim=1)
    terms = vae.training_step(batch.reference_pairs()).extra_losses
    assert torch.allclose(terms["kl"], 0.5 * divergence(mean, log_variance) / 16**2)


def gcnet(registry: Registry, **changes: Any) -> Model:
    options: dict[str, Any] = {
        "generator": {"type": "autoencoder", "channels": 8},
        "encoder": {"type": "conv", "channels": [8, 8], "width": 12, "dropout": 0},
        "delta": {"type": "signed"},
        "classifier": {"type": "linear"},
        "decoder": {"type": "conv", "channels": [8, 4]},
    }
    model: Model = make_part(make_context(registry), "model", "gcnet", **(options | changes))
    return model


def test_gcnet_computes_what_the_design_says(registry: Registry) -> None:
    model = gcnet(registry).eval()
    batch = make_batch(make_context(registry))
    with torch.no_grad():
        nn.init.normal_(model.generator.up.last.weight, std=0.1)  # type: ignore[union-attr, operator]
        output = model(batch, {"logits", "query_reconstruction", "reference_reconstruction"})
        reference = model.generator(batch.query)  # type: ignore[operator]
        codes = [nn.functional.normalize(model.encoder(images), dim=1) for images in (batch.query, reference)]  # type: ignore[operator]
        features = 10 * (codes[0] - codes[1])
    assert output.query_code is not None
    assert output.reference_code is not None
    assert torch.allclose(output.query_code, codes[0], atol=1e-6)
    assert torch.allclose(output.reference_code, codes[1], atol=1e-6)
    assert torch.allclose(output.query_code.norm(dim=1), torch.ones(6), atol=1e-6)
    assert torch.allclose(output.features, features, atol=1e-5)  # type: ignore[arg-type]
    assert torch.allclose(output.logits, model.classifier(features), atol=1e-5)  # type: ignore[operator, arg-type]
    assert torch.allclose(output.query_reconstruction, model.decoder(codes[0]), atol=1e-5)  # type: ignore[operator, arg-type]


def test_only_what_is_wanted_is_computed(registry: Registry) -> None:
    model = gcnet(registry).eval()
    output = model(make_batch(make_context(registry)), {"reference"})
    assert output.reference is not None
    assert output.query_code is None
    assert output.logits is None
    assert output.query_reconstruction is None
    assert model(make_batch(make_context(registry)), {"difference"}).difference is not None


def test_own_terms_come_without_an_estimate_that_nobody_wants(registry: Registry) -> None:
    model, batch = gcnet(registry, generator={"type": "vae", "channels": 8}).train(), make_batch(make_context(registry))
    output = model(batch, set())
    assert output.reference is None
    assert output.extra_losses["kl"] > 0
    assert model(batch, {"reference"}).extra_losses.keys() == {"kl"}
    assert model.eval()(batch, set()).extra_losses == {}


@pytest.mark.parametrize("reaches", [True, False])
def test_the_classification_gradient_reaches_the_generator_if_asked(registry: Registry, reaches: bool) -> None:
    model = gcnet(registry, generator_gradient=reaches)
    output = model(make_batch(make_context(registry)), {"logits"})
    assert output.logits is not None
    output.logits.square().sum().backward()
    assert any(weight.grad is not None for weight in model.generator.parameters()) is reaches  # type: ignore[union-attr]


def test_a_comparison_of_codes_teaches_the_generator_and_leaves_its_target(registry: Registry) -> None:
    model = gcnet(registry, generator_gradient=True).eval()
    batch = make_batch(make_context(registry))
    output = model(batch, {"reference_code", "target_code"})
    assert output.reference_code is not None
    assert output.target_code is not None
    expected = nn.functional.normalize(model.encoder(batch.reference), dim=1)  # type: ignore[operator]
    assert torch.allclose(output.target_code, expected, atol=1e-6)
    assert not output.target_code.requires_grad
    output.reference_code.sum().backward()
    assert any(weight.grad is not None for weight in model.generator.parameters())  # type: ignore[union-attr]


def test_a_given_reference_takes_the_place_of_the_generated_one(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    batch = dataclasses.replace(batch, has_true_reference=torch.ones_like(batch.has_true_reference))
    generated = gcnet(registry).eval()
    given = gcnet(registry, generator=None, reference="true_neutral").eval()
    given.load_state_dict(generated.state_dict(), strict=False)
    by_argument = generated(batch, {"logits"}, true_reference=True).logits
    by_recipe = given(batch, {"logits"}).logits
    assert by_argument is not None
    assert by_recipe is not None
    assert torch.equal(by_argument, by_recipe)
    assert not torch.equal(by_argument, generated(batch, {"logits"}).logits)


def test_a_share_of_the_training_samples_sees_a_given_reference(registry: Registry) -> None:
    batch = make_batch(make_context(registry))
    batch = dataclasses.replace(batch, has_true_reference=torch.arange(len(batch)) != 0)
    required_outputs = {"reference_code", "logits"}
    plain, mixed = gcnet(registry), gcnet(registry, reference={"type": "generated", "true_neutral_prob": 1.0})
    mixed.load_state_dict(plain.state_dict())
    generated = plain.eval()(batch, required_outputs).reference_code
    given = plain(batch, required_outputs, true_reference=True).reference_code
    assert torch.equal(mixed.eval()(batch, required_outputs).reference_code, generated)
    mixed.train()
    for part in mixed.modules():  # statistics of the batch would hide which reference was taken
        part.train(not isinstance(part, nn.BatchNorm2d))
    seen = mixed(batch, required_outputs).reference_code
    assert torch.allclose(seen[0], generated[0], atol=1e-6)
    assert torch.allclose(seen[1:], given[1:], atol=1e-6)
    assert not torch.allclose(seen[1:], generated[1:], atol=1e-3)


def test_how_many_samples_see_a_given_reference(registry: Registry) -> None:
    reference = {"type": "generated", "true_neutral_prob": 0.25}
    model, batch = gcnet(registry, reference=reference).train(), make_batch(make_context(registry))
    batch = dataclasses.replace(batch, has_true_reference=torch.ones_like(batch.has_true_reference))
    torch.manual_seed(0)
    drawn = [model(batch, {"candidates"}).candidates for _ in range(200)]
    assert all(candidates.known.shape[1] == 1 for candidates in drawn)
    assert all(candidates.known.all() for candidates in drawn)
    given = [(candidates.pictures[:, 0] == batch.true_reference).flatten(1).all(dim=1) for candidates in drawn]
    assert 0.2 < torch.cat(given).float().mean() < 0.3


def test_the_baseline_shares_the_encoder_and_has_no_difference(registry: Registry) -> None:
    context = make_context(registry)
    encoder = {"type": "conv", "channels": [8, 8], "width": 12, "dropout": 0}
    baseline = make_part(context, "model", "cnn", encoder=encoder, classifier={"type": "linear"}).eval()
    batch = make_batch(context)
    output = baseline(batch, {"logits", "features"})
    assert torch.equal(output.logits, baseline.classifier(output.features))
    assert {name for name, _ in baseline.named_children()} == {"encoder", "classifier"}
    assert output.reference is None


@pytest.mark.parametrize(
    ("kind", "name", "options", "size", "message"),
    [
        ("generator", "vae", {}, 50,
         "image size 50 cannot be halved 3 times, as the generator's depth asks; use 48 or 56"),
        ("generator", "autoencoder", {"depth": 5}, 16,
         "image size 16 cannot be halved 5 times, as the generator's depth asks; use 32"),
        ("encoder", "conv", {}, 8, "4 blocks halve an image of size 8 too often; at most 3"),
        ("encoder", "conv", {"unshuffle": True}, 8, "4 blocks halve an image of size 8 too often; at most 2"),
        ("encoder", "conv", {"unshuffle": True}, 49, "image size 49 is odd and cannot be halved"),
        ("generator", "conv", {}, 40, "3 blocks need an image size that is a multiple of 16, not 40"),
        ("decoder", "conv", {}, 36, "3 doublings cannot reach image size 36; it must be a multiple of 8"),
        ("loss", "cross_entropy", {"class_weights": {"joy": 2}}, 32,
         "the data set has no class joy; it has neutral, anger, happiness"),
    ],
)  # fmt: skip
def test_parts_say_why_they_do_not_fit(
    registry: Registry, kind: str, name: str, options: dict[str, Any], size: int, message: str
) -> None:
    config = registry.part(kind, name, options).config
    facts = RecipeInfo(ImageConfig(size=size), CLASSES, True, frozenset({"logits"}))
    assert [problem.message for problem in config.check(facts)] == [message]
    assert not list(config.check(RecipeInfo(ImageConfig(size=64), CLASSES[:0], True, frozenset({"logits"}))))


def test_parts_write_themselves_as_in_a_recipe(registry: Registry) -> None:
    assert registry.part("delta", "signed", {"scale": 2}).dump() == {
        "type": "signed", "scale": 2.0, "learn_scale": True, "batch_norm": False, "append_query": False,
    }  # fmt: skip


@pytest.mark.parametrize("append", [True, False])
def test_the_difference_is_told_apart_from_what_is_appended(registry: Registry, append: bool) -> None:
    model = gcnet(registry, delta={"type": "signed", "append_query": append}).eval()
    output = model(make_batch(make_context(registry)), {"logits"}, true_reference=True)
    assert output.difference is not None
    assert output.features is not None
    assert output.query_code is not None
    assert torch.allclose(output.difference, 10 * (output.query_code - output.reference_code), atol=1e-5)
    assert output.features.shape[1] == (24 if append else 12)


def test_each_block_of_the_conv_generator_has_its_block_up(registry: Registry) -> None:
    config = registry.part("generator", "conv", {"up_channels": [4]}).config
    assert [
        problem.message for problem in config.check(RecipeInfo(ImageConfig(size=32), CLASSES, True, frozenset()))
    ] == ["3 blocks down need as many up, not 1"]
    generator = make_part(make_context(registry), "generator", "conv", channels=(8, 16), up_channels=(6, 3))
    assert [up[0].out_channels for up in generator.ups] == [6, 3]
    assert [up[0].out_channels for up in make_part(make_context(registry), "generator", "conv").ups] == [64, 32, 16]


def test_several_views_are_averaged_in_the_embedding(registry: Registry) -> None:
    context, images = make_context(registry, size=16, channels=1), torch.rand(2, 1, 16, 16)
    encoders = [
        make_part(context, "encoder", "conv", channels=(4,), width=3, views=views)
        for views in ((0.0,), (-0.125, 0.125), (-0.125,))
    ]
    for encoder in encoders[1:]:
        encoder.load_state_dict(encoders[0].state_dict())
    alone, both, cut = (encoder.eval() for encoder in encoders)
    resize = functools.partial(torch.nn.functional.interpolate, size=(16, 16), mode="bilinear", align_corners=False)
    nearer = resize(images[:, :, 2:14, 2:14])
    farther = resize(torch.nn.functional.pad(images, (2, 2, 2, 2), mode="replicate"))
    assert torch.allclose(cut(images), alone(nearer), atol=1e-6)
    assert torch.allclose(both(images), (alone(nearer) + alone(farther)) / 2, atol=1e-6)
