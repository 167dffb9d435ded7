"""A stored model answers as before, says what its numbers mean, and is refused when something does not fit."""

from pathlib import Path

import pytest
import torch

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.storage import load_model, save_model
from tests.core.fake_run import edit_json
from tests.plugins.faces import CLASSES, make_batch, make_context

OPTIONS = {
    "generator": {"type": "vae", "channels": 8},
    "encoder": {"type": "conv", "channels": [8, 8], "width": 12},
    "delta": {"type": "squared"},
    "classifier": {"type": "mlp"},
}


@pytest.fixture
def stored(registry: Registry, tmp_path: Path) -> tuple[Path, torch.Tensor]:
    """A folder with a model, and its logits for a batch."""
    context = make_context(registry)
    part = registry.part("model", "gcnet", OPTIONS)
    model = context.build(part).eval()
    save_model(tmp_path, model, part, context, {"recipe": "test"})
    logits: torch.Tensor = model(make_batch(context), {"logits"}).logits
    return tmp_path, logits


def test_round_trip(registry: Registry, stored: tuple[Path, torch.Tensor]) -> None:
    folder, logits = stored
    saved = load_model(folder, registry)
    assert torch.equal(saved.model(make_batch(make_context(registry)), {"logits"}).logits, logits)
    assert saved.classes == CLASSES
    assert saved.image.size == 32
    assert not saved.model.training
    assert saved.description.recipe == "test"
    assert saved.description.image.range == (0.0, 1.0)
    assert {"gcnet", "python", "torch", "timm"} <= set(saved.description.versions)
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "model.safetensors"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}  # others may read what is shared


def test_what_does_not_fit_is_said(registry: Registry, stored: tuple[Path, torch.Tensor]) -> None:
    folder, _ = stored
    good = (folder / "model.json").read_text()
    faults = {
        "format 9; this gcnet reads formats up to 1": {"format": 9},
        "the weights do not fit": {"classes": ["neutral", "anger"]},
        "unknown generator vea": {"model": {"type": "gcnet", **OPTIONS, "generator": {"type": "vea"}}},
        "wheels: there is no such option": {"model": {"type": "gcnet", **OPTIONS, "wheels": 4}},
    }
    for message, entries in faults.items():
        (folder / "model.json").write_text(good)
        edit_json(folder / "model.json", **entries)
        with pytest.raises(UserError, match=message):
            load_model(folder, registry)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"classes": 3}'])
def test_a_damaged_description_is_said(text: str, registry: Registry, stored: tuple[Path, torch.Tensor]) -> None:
    folder, _ = stored
    (folder / "model.json").write_text(text)
    with pytest.raises(UserError, match="model.json: damaged"):
        load_model(folder, registry)


def test_broken_or_missing_files_are_said(registry: Registry, stored: tuple[Path, torch.Tensor]) -> None:
    folder, _ = stored
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(UserError, match="model.safetensors"):
        load_model(folder, registry)
    weights.unlink()
    with pytest.raises(UserError, match="no trained model here; expected model.safetensors and model.json"):
        load_model(folder, registry)
