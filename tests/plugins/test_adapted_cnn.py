"""The CNN with batch norms adapted to a person, against an explicit loop over the people."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Model
from gcnet_core.plugin_api import PluginError, Registry
from gcnet_core.recipe import RecipeError, load_recipe
from tests.plugins.faces import make_batch, make_context, make_part

CONV = {"type": "conv", "channels": [8, 16], "width": 16}
ENCODERS = {
    "conv": CONV,
    "resnet18": {"type": "timm", "name": "resnet18", "width": 16},
    "norms with an activation inside": {"type": "timm", "name": "mobilenetv3_small_100", "width": 16},
}
SIZES = (3, 0, 1, 2)
"""Pictures in the albums of the people of a batch."""


def model_of(registry: Registry, weight: float = 0.3, part: str = "cnn_adapted", **options: Any) -> Model:
    """A model whose norms have seen some pictures."""
    torch.manual_seed(0)
    options = {"encoder": CONV, "classifier": {"type": "linear"}, **options}
    options |= {"weight": weight} if part == "cnn_adapted" else {}
    context = make_context(registry)
    model: Model = make_part(context, "model", part, **options)
    model.train()
    for seed in range(4):
        model(make_batch(context, 8, seed=seed), {"logits"})
    return model.eval()


def faces(registry: Registry) -> Batch:
    """People with albums of several sizes, each in a light of its own."""
    batch = make_batch(make_context(registry), len(SIZES))
    known = torch.arange(max(SIZES)) < torch.tensor(SIZES)[:, None]
    album = torch.rand(len(SIZES), max(SIZES), 1, 32, 32, generator=torch.Generator().manual_seed(1))
    light = torch.linspace(0.2, 1, len(SIZES)).view(-1, 1, 1, 1)
    return replace(
        batch, query=batch.query * light, album=album * light[:, None] * known[..., None, None, None], has_album=known
    )


def one_by_one(model: Model, batch: Batch, weight: float) -> Tensor:
    """What the encoder says of each query after its own statistics were moved to those of the person."""
    codes = []
    for query, album, known in zip(batch.query, batch.album, batch.has_album, strict=True):
        encoder = deepcopy(model.encoder)

        def move(norm: nn.Module, inputs: tuple[Tensor]) -> None:
            places = [axis for axis in range(inputs[0].dim()) if axis != 1]
            norm.running_mean.lerp_(inputs[0].mean(places), weight)
            norm.running_var.lerp_(inputs[0].var(places, correction=0), weight)

        for module in encoder.modules():
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d) and known.any():
                module.register_forward_pre_hook(move)
        codes.append(encoder(torch.cat([query[None], album[known]]))[0])
    return torch.stack(codes)


@torch.no_grad()
@pytest.mark.parametrize("encoder", ENCODERS)
def test_it_equals_a_loop_over_the_people(encoder: str, registry: Registry) -> None:
    model, batch = model_of(registry, encoder=ENCODERS[encoder]), faces(registry)
    features = model(batch, {"features"}).features
    expected = one_by_one(model, batch, 0.3)
    scale = expected.abs().max()
    assert torch.allclose(features, expected, atol=2e-5 * scale)
    plain = model.encoder(batch.query)
    moved = (features - plain).abs().amax(dim=1) > 1e-3 * scale
    assert moved.tolist() == [size > 0 for size in SIZES]


@torch.no_grad()
def test_without_an_album_or_without_weight_it_is_the_cnn(registry: Registry) -> None:
    plain, batch = model_of(registry, part="cnn"), faces(registry)
    for weight, asked in ((0.0, batch), (0.3, batch.unlabelled(true_reference=True))):
        adapted = model_of(registry, weight)
        adapted.load_state_dict(plain.state_dict())
        assert torch.equal(adapted(asked, {"logits"}).logits, plain(asked, {"logits"}).logits)


@torch.no_grad()
def test_an_answer_depends_on_nobody_else(registry: Registry) -> None:
    model, batch = model_of(registry), faces(registry)
    together = model(batch, {"logits"}).logits
    for row in range(len(batch)):
        alone = model(batch.rows(torch.tensor([row])), {"logits"}).logits[0]
        assert torch.allclose(together[row], alone, atol=1e-5)


def test_it_learns_as_the_cnn_and_keeps_no_trace_of_people(registry: Registry) -> None:
    models, batch = [model_of(registry, part=part) for part in ("cnn", "cnn_adapted")], faces(registry)
    for model in models:
        model(batch, {"logits"})
        torch.manual_seed(1)  # of dropout
        model.train()(batch, {"logits"}).logits.square().sum().backward()
    plain, adapted = (model.state_dict() for model in models)
    assert plain.keys() == adapted.keys()
    assert all(torch.equal(plain[name], adapted[name]) for name in plain)
    for first, second in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(first.grad, second.grad)


@torch.no_grad()
def test_a_compiled_encoder_is_adapted_too(registry: Registry) -> None:
    model, batch = model_of(registry), faces(registry)
    expected = model(batch, {"logits"}).logits
    model.encoder.compile(backend="eager")
    model.encoder(torch.cat([batch.query, batch.album[batch.has_album]]))  # compiled without hooks
    assert torch.allclose(model(batch, {"logits"}).logits, expected, atol=1e-5)


def test_an_encoder_that_mixes_pictures_is_told(registry: Registry) -> None:
    model = model_of(registry)
    model.encoder = nn.Sequential(nn.Unflatten(0, (2, -1)), nn.Flatten(1, 2), nn.BatchNorm2d(5)).eval()
    with pytest.raises(PluginError, match="sees 2 samples for 10 pictures"):
        model(faces(registry), {"features"})


def test_a_recipe_must_say_where_albums_come_from(registry: Registry) -> None:
    with pytest.raises(RecipeError, match="an album needs pictures; say where they come from"):
        load_recipe("album/ar/cnn_adapted", ["album.source=none"], registry)
    assert load_recipe("album/ar/cnn_adapted", registry=registry).model.config.uses_album()
