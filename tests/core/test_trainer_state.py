"""The state of a trainer: complete at the end of every epoch, refused by another recipe, saved when it is time."""

import copy
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from gcnet_core.data.loader import make_batch
from gcnet_core.experiment.options import Options
from gcnet_core.experiment.run import run_recipe
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import load_recipe
from gcnet_core.runs import EpochLog, EpochMetrics
from gcnet_core.training import checkpoint
from gcnet_core.training.checkpoint import CheckpointWriter, resume, save_checkpoint
from gcnet_core.training.trainer import Trainer
from tests.core.test_trainer import ROWS, TABLE, equal, make_trainer, run
from tests.core.toy import toy_recipe
from tests.runs import write_recipe

EPOCHS = 4  # two stages of two
OPTIONS: list[dict[str, Any]] = [
    {},
    {"ema": 0.9},
    {"keep": "best"},
    {"ema": 0.9, "keep": "best", "accumulate": 2},
    {"precision": "fp16"},
    {"optimizer": {"type": "sgd"}},
]


def validate(model: nn.Module) -> float:
    batch = make_batch(TABLE, ROWS[:20])
    return float((model(batch, {"logits"}).logits.argmax(1) == batch.label).float().mean())


def same(first: Any, second: Any) -> bool:
    """Whether two states hold the same, bit for bit, in the same order."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second) and first.dtype == second.dtype
    if isinstance(first, dict):
        return list(first) == list(second) and all(same(value, second[name]) for name, value in first.items())
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def states(trainer: Trainer) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor]]:
    """The state before training and after each epoch, and the weights at the end."""
    found = [copy.deepcopy(trainer.state_dict())]
    weights = run(trainer, lambda line: found.append(copy.deepcopy(trainer.state_dict())))
    return found, weights


@pytest.mark.parametrize("options", OPTIONS, ids=json.dumps)
def test_a_new_trainer_takes_the_state_of_every_epoch_and_ends_the_same(options: dict[str, Any]) -> None:
    recipe = toy_recipe(**options)
    found, weights = states(make_trainer(recipe, validate=validate))
    assert len(found) == 1 + EPOCHS
    for done, state in enumerate(found):
        trainer = make_trainer(recipe.model_copy(), validate=validate)
        nn.init.zeros_(trainer.model.classifier[3].weight)
        trainer.load_state_dict(copy.deepcopy(state))
        assert trainer.position.total_epochs == done
        assert trainer.stage_done == (done in (2, 4))
        assert same(trainer.state_dict(), state)
        if done in (1, 3):  # in the middle of a stage
            assert equal(run(trainer), weights)


def test_a_trainer_that_went_on_can_go_back() -> None:
    trainer = make_trainer(toy_recipe(ema=0.9))
    found, weights = states(trainer)
    for done in (3, 1):  # into the stage at whose end it is, and into the one before
        trainer.load_state_dict(found[done])
        assert same(trainer.state_dict(), found[done])
        found = [copy.deepcopy(state) for state in found]  # a loaded state shares tensors with the trainer
        assert equal(run(trainer), weights)


def test_the_state_holds_the_optimizer_of_each_phase() -> None:
    found, _ = states(make_trainer(toy_recipe()))
    for done, weights in ((1, 6), (3, 10)):  # of the generator's body, then of the classifier too
        optimizers = found[done]["optimizers"]
        assert list(optimizers) == ["main", "critic"]
        assert len(optimizers["main"]["state"]) == weights
        assert all(moments["exp_avg"].abs().sum() > 0 for moments in optimizers["critic"]["state"].values())


def test_the_state_holds_what_its_recipe_asks_for() -> None:
    plain = states(make_trainer(toy_recipe(), validate=validate))[0][-1]
    assert plain["average"] is None
    assert plain["best"] is None
    assert plain["scaler"] == {}  # float32 needs none
    full = states(make_trainer(toy_recipe(ema=0.9, keep="best", precision="fp16"), validate=validate))[0][-1]
    assert full["average"]["n_averaged"] == full["position"]["step"]
    assert full["best"].keys() == full["model"].keys()
    assert full["scaler"]["scale"] > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ema": 0.9}, "another recipe: training.ema was null, now 0.9"),
        ({"optimizer": {"learning_rate": 0.5}}, r"training.optimizer.learning_rate was [0-9.]+, now 0.5"),
        ({"stages": {"joint": {"epochs": 4}}}, "training.stages was generator, joint, now joint"),
        ({"batch_size": 4, "accumulate": 2, "ema": 0.5, "keep": "best"}, "; .*; .* and 1 more"),
    ],
)
def test_the_state_of_another_recipe_is_refused(options: dict[str, Any], message: str, tmp_path: Path) -> None:
    first = make_trainer(toy_recipe())
    run(first)
    save_checkpoint(tmp_path, first.state_dict())
    other = make_trainer(toy_recipe(**options))
    before = copy.deepcopy(other.state_dict())
    with pytest.raises(UserError, match=message) as error:
        resume(other, tmp_path)
    assert str(tmp_path / "checkpoint" / "state.pt") in str(error.value)
    assert "delete it to train from the start" in str(error.value)
    assert same(other.state_dict(), before)


def test_an_option_that_only_one_version_knows_does_not_matter() -> None:
    state = make_trainer(toy_recipe()).state_dict()
    del state["recipe"]["training"]["clip_gradient"]
    state["recipe"]["training"]["forgotten"] = 1
    make_trainer(toy_recipe()).load_state_dict(state)


def test_a_checkpoint_of_the_first_version_still_loads(tmp_path: Path) -> None:
    """It did not name its recipe."""
    found, weights = states(make_trainer(toy_recipe()))
    del found[3]["recipe"]
    save_checkpoint(tmp_path, found[3])
    later = make_trainer(toy_recipe())
    resume(later, tmp_path)
    assert equal(run(later), weights)


@pytest.mark.parametrize("harm", [lambda state: state.pop("optimizers"), lambda state: state["model"].popitem()])
def test_a_checkpoint_that_does_not_fit_says_so(harm: Any, tmp_path: Path) -> None:
    state = make_trainer(toy_recipe()).state_dict()
    harm(state)
    save_checkpoint(tmp_path, state)
    with pytest.raises(UserError, match=r"state\.pt: does not fit this version of gcnet .*; delete it to train from"):
        resume(make_trainer(toy_recipe()), tmp_path)


def test_without_a_checkpoint_training_begins_at_the_start(tmp_path: Path) -> None:
    trainer = make_trainer(toy_recipe())
    resume(trainer, tmp_path)
    assert trainer.position.total_epochs == 0


@pytest.mark.parametrize(("minutes", "saved"), [(0.0, [1, 2, 3, 4, 5]), (2.0, [2, 3, 5]), (100.0, [3, 5])])
def test_a_state_is_saved_at_the_end_of_a_stage_and_when_it_is_time(
    minutes: float, saved: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make_trainer(toy_recipe(stages={"first": {"epochs": 3}, "second": {"epochs": 2}}))
    # an epoch takes a minute
    monkeypatch.setattr(checkpoint, "time", SimpleNamespace(monotonic=lambda: 60.0 * trainer.position.total_epochs))
    found = []
    monkeypatch.setattr(checkpoint, "save_checkpoint", lambda run, state: found.append(state["position"]))
    writer = CheckpointWriter(tmp_path, minutes)
    run(trainer, lambda line: writer.end_epoch(trainer))
    assert [position["total_epochs"] for position in found] == saved


def epoch_of(number: int, seconds: float, images_per_second: float) -> EpochMetrics:
    """The metrics of an epoch of three."""
    return EpochMetrics(
        stage="joint", epoch=number, epochs=3, step=number, learning_rate={}, losses={}, train_accuracy=None,
        validation_accuracy=None, images_per_second=images_per_second, seconds=seconds,
    )  # fmt: skip


def test_lines_after_the_checkpoint_are_written_again(tmp_path: Path) -> None:
    log = EpochLog(tmp_path / "metrics.jsonl")
    log.truncate(0)
    assert log.images_per_second() is None
    for epoch in (1, 2, 3):
        log.append(epoch_of(epoch, seconds=1.0, images_per_second=10.0 * epoch))
    with log.path.open("a") as file:
        file.write('{"epoch": 4, "sec')  # killed while it wrote
    log.truncate(2)
    log.append(epoch_of(3, seconds=2.0, images_per_second=45.0))
    assert [json.loads(line)["epoch"] for line in log.path.read_text().splitlines()] == [1, 2, 3]
    assert log.images_per_second() == pytest.approx((10 + 20 + 90) / 4)


def test_what_the_trainer_refuses_leaves_no_folder(registry: Registry, tmp_path: Path) -> None:
    sets = ("training.stages.joint.copy_weights={encoder: generator}",)
    recipe = load_recipe(write_recipe(tmp_path), overrides=sets, registry=registry)
    with pytest.raises(UserError, match="generator has other weights than encoder"):
        run_recipe(recipe, registry, Options(output=tmp_path / "run"))
    assert not (tmp_path / "run").exists()
