"""Any timm model by name, grey or colour, with weights from a file, and clear words when something is missing."""

from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save_file

from gcnet_core.plugin_api import Registry, UserError
from tests.plugins.faces import make_context, make_part

FAMILIES = [
    "resnet10t", "mobilenetv3_small_050", "efficientnet_lite0", "convnext_atto", "regnetx_002",
    "vit_tiny_patch16_224", "mobilevit_xxs", "ghostnet_050",
]  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("channels", [1, 3])
def test_families(registry: Registry, name: str, channels: int) -> None:
    encoder = make_part(make_context(registry, 64, channels), "encoder", "timm", name=name).eval()
    with torch.no_grad():
        codes = encoder(torch.rand(2, channels, 64, 64))
    assert codes.shape == (2, encoder.width)
    assert codes.isfinite().all()


def weights_file(path: Path, name: str = "resnet10t", channels: int = 3) -> Path:
    torch.manual_seed(5)
    save_file(timm.create_model(name, in_chans=channels).state_dict(), path)
    return path


def test_weights_come_from_a_local_file(registry: Registry, tmp_path: Path) -> None:
    path = weights_file(tmp_path / "resnet10t.safetensors")
    options: dict[str, Any] = {"name": "resnet10t", "weights": str(path)}
    stored = timm.create_model("resnet10t", num_classes=0)
    stored.load_state_dict(torch_weights(path), strict=False)
    colour = make_part(make_context(registry, channels=3), "encoder", "timm", **options)
    for name, weight in stored.state_dict().items():
        assert torch.equal(weight, colour.backbone.state_dict()[name]), name
    grey = make_part(make_context(registry, channels=1), "encoder", "timm", **options)
    first = next(name for name, weight in stored.state_dict().items() if weight.dim() == 4)
    assert torch.allclose(grey.backbone.state_dict()[first], stored.state_dict()[first].sum(dim=1, keepdim=True))


def torch_weights(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return {name: weight for name, weight in load_file(path).items() if not name.startswith("fc.")}


def test_images_are_normalised_as_the_weights_expect(registry: Registry, tmp_path: Path) -> None:
    path = weights_file(tmp_path / "resnet10t.safetensors")
    known = make_part(make_context(registry, channels=3), "encoder", "timm", name="resnet10t", weights=str(path))
    preset = timm.get_pretrained_cfg("resnet10t")
    assert known.mean.flatten().tolist() == pytest.approx(preset.mean)
    assert known.std.flatten().tolist() == pytest.approx(preset.std)
    fresh = make_part(make_context(registry), "encoder", "timm", name="resnet10t")
    assert fresh.mean.item() == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "resnet81"}, "timm has no model resnet81; did you mean resnet1[08]"),
        ({"weights": "nowhere.safetensors"}, "model.encoder.weights: no such file: nowhere.safetensors"),
        ({"options": {"depht": 3}}, "model.encoder.options: resnet18 does not accept them: .*depht"),
    ],
)
def test_what_cannot_be_built_is_said(registry: Registry, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        make_part(make_context(registry), "encoder", "timm", **options)


def test_weights_of_another_model_are_refused(registry: Registry, tmp_path: Path) -> None:
    path = weights_file(tmp_path / "other.safetensors", "mobilenetv3_small_050")
    with pytest.raises(UserError, match="other.safetensors does not fit resnet10t"):
        make_part(make_context(registry), "encoder", "timm", name="resnet10t", weights=str(path))


def test_pretrained_without_network_is_one_sentence(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*args: Any, **options: Any) -> None:
        raise OSError("no route to host\nand more lines")

    monkeypatch.setattr("timm.models._builder.load_state_dict_from_hf", unreachable)
    monkeypatch.setattr("timm.models._builder.load_state_dict_from_url", unreachable)
    with pytest.raises(UserError) as error:
        make_part(make_context(registry, channels=3), "encoder", "timm", name="resnet18", pretrained=True)
    assert str(error.value) == (
        "model.encoder.pretrained: the weights of resnet18 could not be fetched (OSError); "
        "give a local safetensors file with `weights:` instead"
    )


def test_images_are_resized_if_asked(registry: Registry) -> None:
    encoder = make_part(make_context(registry, 32), "encoder", "timm", name="resnet10t", input_size=64).eval()
    seen = []
    encoder.backbone.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape))
    encoder(torch.rand(2, 1, 32, 32))
    assert seen == [(2, 1, 64, 64)]
