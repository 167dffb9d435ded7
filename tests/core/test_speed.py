"""`training.speed: auto` is a rule, says what it picked, and goes on with it on any machine."""

import json
from pathlib import Path

import pytest
import torch

from gcnet_core.runs import Run
from gcnet_core.training import speed
from gcnet_core.training.speed import Speed, pick_speed
from tests.runs import gcnet

CPU = torch.device("cpu")
SMALL = """
data: {type: synthetic_faces, subjects: 6, images_per_expression: 1}
image: {size: 32}
threads: 1
split: {folds: 3}
model:
  type: cnn
  encoder: {type: conv, channels: [8, 8], width: 16}
  classifier: {type: linear}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 8, speed: auto, checkpoint_minutes: 0, stages: {joint: {epochs: 2}}}
evaluation: {bootstrap: 100}
report: {tsne: false}
"""


@pytest.mark.parametrize(
    ("capabilities", "precision"),
    [({}, "float32"), ({"avx512_f": True}, "float32"), ({"amx_bf16": True}, "bf16"), ({"avx512_bf16": True}, "bf16")],
)
def test_half_precision_is_taken_where_the_processor_has_units_for_it(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], precision: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert pick_speed(CPU) == Speed(precision, channels_last=True, compile=False)


def test_an_older_torch_that_does_not_know_the_processor_takes_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert pick_speed(CPU).precision == "float32"


@pytest.mark.parametrize(("capability", "precision"), [((7, 5), "float32"), ((8, 0), "bf16"), ((9, 0), "bf16")])
def test_a_gpu_is_asked_for_its_generation(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], precision: str
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert pick_speed(torch.device("cuda", 0)).precision == precision


def test_what_was_picked_is_told_and_stored_and_the_recipe_stays_as_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "_has_units_for_bf16", lambda device: True)
    (tmp_path / "small.yaml").write_text(SMALL)
    answer = gcnet("run", tmp_path / "small.yaml", "--output", tmp_path / "run")
    assert answer.returncode == 0, answer.stderr
    assert "training.speed: bf16, channels-last, not compiled" in answer.stdout
    assert Run(tmp_path / "run").summary.speed == {"precision": "bf16", "channels_last": True, "compile": False}
    stored = (tmp_path / "run" / "recipe.yaml").read_text()
    assert "speed: auto" in stored
    assert "precision: float32" in stored
    plain = gcnet("run", tmp_path / "small.yaml", "--set", "training.speed=null", "--output", tmp_path / "plain")
    assert plain.returncode == 0
    assert json.loads((tmp_path / "plain" / "summary.json").read_text())["speed"] is None


def test_a_run_goes_on_with_what_was_picked_when_it_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gcnet_core.training.progress import TrainingProgress

    (tmp_path / "small.yaml").write_text(SMALL)
    monkeypatch.setattr(speed, "_has_units_for_bf16", lambda device: False)
    with monkeypatch.context() as killed:

        def kill(self: TrainingProgress, done: int, *_: object) -> None:
            if done > 5:  # in the second epoch
                raise KeyboardInterrupt

        killed.setattr(TrainingProgress, "step", kill)
        assert gcnet("run", tmp_path / "small.yaml", "--output", tmp_path / "run").returncode != 0
    monkeypatch.setattr(speed, "_has_units_for_bf16", lambda device: True)
    answer = gcnet("run", tmp_path / "small.yaml", "--output", tmp_path / "run", "--resume")
    assert answer.returncode == 0, answer.stderr
    assert "training.speed: float32, channels-last" in answer.stdout
    assert "2/2" in answer.stdout
    assert "1/2" not in answer.stdout
