"""`gcnet bench`: figures of the very network that `gcnet run` trains; no run folder is left."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch import nn

from gcnet_core.benchmark.clock import Clock
from gcnet_core.benchmark.stage import of_all
from gcnet_core.benchmark.timed_training import TimedBatches
from tests.core.test_trainer import make_trainer
from tests.core.toy import toy_recipe
from tests.runs import SMALL, gcnet, write_recipe

QUICK = ("--seconds", 0.01, "--rounds", 2)


@pytest.mark.slow
def test_every_stage_is_timed_and_nothing_is_left(tmp_path: Path) -> None:
    write_recipe(tmp_path, SMALL.replace("type: vae", "type: gan").replace(", latent: 8", ""))
    answer = gcnet("bench", "small.yaml", *QUICK, "--json", "--profile", "trace.json", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert {path.name for path in tmp_path.iterdir()} == {"small.yaml", "trace.json"}
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert {f"stage {name}" for name in found["stages"]} <= {event.get("name") for event in events}
    assert list(found["stages"]) == ["generator", "encoder", "joint"]
    for stage in found["stages"].values():
        assert stage["images_per_second"] > 0
        assert 0 < stage["step_seconds"][0] <= stage["step_seconds"][1]
        assert stage["against_bare_loop"] > 0
        assert 0 <= stage["waiting_for_data"] < 1
        assert stage["flops"] > 0
        assert math.isclose(sum(stage["shares"].values()), 1, abs_tol=1e-6)
    assert any(name.startswith("discriminator") for name in found["stages"]["joint"]["shares"])
    assert found["stages"]["generator"]["shares"]["generator"] > 0
    assert found["stages"]["joint"]["flops"] > found["stages"]["encoder"]["flops"]
    assert found["peak_memory"] > 1e6
    assert list(found["seconds"]) == ["starting", "reading images", "building"]


def test_what_cannot_be_timed_is_told(tmp_path: Path) -> None:
    answer = gcnet("bench", "classical/ckplus48/hog", "--set", "data.folder=nowhere", folder=tmp_path)
    assert answer.returncode == 2
    answer = gcnet("bench", write_recipe(tmp_path), "--profile", tmp_path / "no" / "trace.json")
    assert answer.returncode == 2
    assert "there is no folder" in answer.stderr


def test_shares_are_of_the_whole_and_parts_are_taken_out_of_forward() -> None:
    seconds = {"main: forward": 6.0, "encoder": 2.0, "loss l2": 1.0, "main: backward": 3.0, "main: optimizer": 1.0}
    assert of_all(seconds, ["encoder", "loss l2", "decoder"]) == {
        "encoder": 0.2,
        "loss l2": 0.1,
        "main: backward": 0.3,
        "main: optimizer": 0.1,
        "other": pytest.approx(0.3),
    }


def test_a_clock_counts_each_forward_pass_and_leaves_no_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))
    clock, layer = Clock(torch.device("cpu")), nn.Linear(2, 2)
    monkeypatch.setattr(clock, "now", lambda: float(next(times)))
    with clock.forward_of({"layer": layer}):
        layer(torch.zeros(1, 2))
        layer(torch.zeros(1, 2))
    layer(torch.zeros(1, 2))
    assert clock.seconds == {"layer": 2}


def test_a_part_that_is_called_by_its_pieces_is_counted_once_for_each(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(100))
    clock, part = Clock(torch.device("cpu")), nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    monkeypatch.setattr(clock, "now", lambda: float(next(times)))
    with clock.forward_of({"part": part}):
        part(torch.zeros(1, 2))
        part[0](torch.zeros(1, 2))
    assert clock.seconds == {"part": 2}


def test_timed_batches_are_the_batches_of_the_trainer() -> None:
    trainer = make_trainer(toy_recipe())
    timed = TimedBatches(trainer.batches)
    assert len(timed) == len(trainer.batches)
    for (one,), (other,) in zip(timed.epoch(3), trainer.batches.epoch(3), strict=True):
        assert torch.equal(one.query, other.query)
        assert torch.equal(one.reference, other.reference)
    assert timed.waited > 0
