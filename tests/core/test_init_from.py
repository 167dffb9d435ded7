"""Weights handed on from a finished run, and what is said when they cannot be."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_model

from gcnet_core.experiment.init_from import init_from
from gcnet_core.interfaces import Model
from gcnet_core.plugin_api import ModelConfig, UserError
from tests.core.test_compare import CNN
from tests.core.toy import CONTEXT
from tests.runs import gcnet, write_recipe


class TwoParts(Model):
    """A model of two layers."""

    def __init__(self, width: int = 3) -> None:
        super().__init__(ModelConfig(), CONTEXT)
        self.encoder, self.classifier = torch.nn.Linear(2, width), torch.nn.Linear(width, 2)

    def forward(self, *_: object, **__: object):  # type: ignore[no-untyped-def, override]
        raise NotImplementedError


def test_named_parts_are_taken_and_no_other(tmp_path: Path) -> None:
    old, new = TwoParts(), TwoParts()
    save_model(old, str(tmp_path / "model.safetensors"))
    before = new.classifier.weight.clone()
    init_from(new, {"encoder": str(tmp_path)})
    assert torch.equal(new.encoder.weight, old.encoder.weight)
    assert torch.equal(new.classifier.weight, before)


@pytest.mark.parametrize(
    ("part", "source", "message"),
    [
        (
            "encoder",
            "nowhere",
            "no such file: .*nowhere; give the folder of a finished run",
        ),
        ("generator", "", "training.init_from.generator: this model has no such part; it has encoder, classifier"),
        (
            "encoder",
            "wide",
            "init_from.encoder: the part in .* has other options than this one: .*mismatch",
        ),
        ("classifier", "half", "training.init_from.classifier: .* holds no weights of a part classifier"),
    ],
)
def test_what_cannot_be_taken_is_told(part: str, source: str, message: str, tmp_path: Path) -> None:
    for name, model in (
        ("", TwoParts()),
        ("wide", TwoParts(5)),
        ("half", torch.nn.ModuleDict({"encoder": TwoParts().encoder})),
    ):
        (tmp_path / name).mkdir(exist_ok=True)
        save_model(model, str(tmp_path / name / "model.safetensors"))
    with pytest.raises(UserError, match=message):
        init_from(TwoParts(), {part: str(tmp_path / source)})


def test_a_run_begins_with_the_weights_of_another(tmp_path: Path) -> None:
    write_recipe(tmp_path)
    (tmp_path / "cnn.yaml").write_text(CNN)
    assert gcnet("run", tmp_path / "cnn.yaml", "--smoke", "--output", tmp_path / "first").returncode == 0
    still = ("--set", "training.optimizer.learning_rate=1e-12", "--set", "training.optimizer.weight_decay=0")
    begin = ("--set", f"training.init_from.encoder={tmp_path / 'first'}", "--set", "seed=5")
    answer = gcnet("run", tmp_path / "cnn.yaml", "--smoke", *begin, *still, "--output", tmp_path / "second")
    assert answer.returncode == 0, answer.stderr
    first, second = (load_file(tmp_path / name / "model.safetensors") for name in ("first", "second"))
    weights = [name for name in first if name.startswith("encoder.") and "weight" in name]
    assert weights
    assert all(torch.allclose(first[name], second[name], atol=1e-6) for name in weights)
    others = [name for name in first if name.startswith("classifier.") and first[name].ndim == 2]
    assert others
    assert not any(torch.allclose(first[name], second[name], atol=1e-3) for name in others)


def test_a_part_that_the_model_lacks_is_told_before_anything_runs(tmp_path: Path) -> None:
    answer = gcnet("run", write_recipe(tmp_path), "--set", "training.init_from.encodr=x", "--output", tmp_path / "run")
    assert answer.returncode == 2
    assert "no part of the model is called encodr; did you mean encoder?" in answer.stderr
    assert not (tmp_path / "run").exists()


def test_null_removes_what_an_extended_recipe_brought(tmp_path: Path) -> None:
    base = write_recipe(tmp_path)
    recipe = tmp_path / "without.yaml"
    recipe.write_text(f"extends: {base.name}\ntraining: {{init_from: {{encodr: somewhere}}}}\n")
    assert gcnet("recipes", "check", recipe).returncode == 2
    recipe.write_text(f"extends: {base.name}\ntraining: {{init_from: {{encodr: null}}}}\n")
    assert gcnet("recipes", "check", recipe).returncode == 0
