"""The trainer: phases move only their modules, a resumed run equals an uninterrupted one, bad steps are not taken."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import Tensor, nn

from gcnet_core.data.loader import make_batch
from gcnet_core.interfaces import Batch, Output
from gcnet_core.plugin_api import PluginError, RunFailed
from gcnet_core.recipe.schema import Recipe
from gcnet_core.runs import EpochMetrics
from gcnet_core.training import ledger
from gcnet_core.training.checkpoint import load_checkpoint, remove_checkpoint, resume, save_checkpoint
from gcnet_core.training.ledger import StepFigures
from gcnet_core.training.phases import stage_phases
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.seed import seed_torch
from gcnet_core.training.trainer import Trainer
from tests.core.toy import LOSSES, Classification, ToyModel, toy_recipe, toy_table

TABLE = toy_table()
ROWS = np.arange(len(TABLE))


class Killed(Exception):
    """Stands for a process that is killed."""


def make_trainer(recipe: Recipe, **options: Any) -> Trainer:
    seed_torch(recipe.seed, torch.device("cpu"))
    return Trainer(recipe, ToyModel(), options.pop("losses", LOSSES), TABLE, ROWS, **options)


def run(trainer: Trainer, on_epoch: Callable[[EpochMetrics], None] = lambda metrics: None) -> dict[str, torch.Tensor]:
    with TrainingProgress(100, Console(file=io.StringIO())) as progress:
        return {name: value.clone() for name, value in trainer.train(progress, on_epoch).state_dict().items()}


def equal(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_a_phase_moves_its_own_modules_and_no_statistics_of_others() -> None:
    trainer = make_trainer(toy_recipe())
    batch = make_batch(TABLE, ROWS[:8])
    expected = {
        (0, "main"): "generator.scale",
        (0, "critic"): "generator.critic",
        (1, "main"): ("generator.scale", "classifier"),
        (1, "critic"): "generator.critic",
    }
    seen = set()
    for index in (0, 1):
        trainer.enter_stage(index)
        for phase in trainer.phases:
            before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
            trainer.modes.enter(phase)
            trainer.optimizer_step(phase, [batch], trainer.position.step)
            moved = changed(before, trainer.model.state_dict())
            assert moved, phase.name
            assert all(name.startswith(expected[index, phase.name]) for name in moved), (phase.name, moved)
            if phase.name == "main":  # batch norm's statistics move with the part that is trained, and only with it
                assert "generator.scale.1.running_mean" in moved
                assert ("classifier.1.running_mean" in moved) == (index == 1)
            seen.add((index, phase.name))
    assert seen == set(expected)


def test_a_phase_of_an_untrained_part_does_not_run() -> None:
    recipe = toy_recipe(stages={"encoder": {"epochs": 1, "train": ["classifier"], "losses": ["classification"]}})
    trainer = make_trainer(recipe)
    trainer.enter_stage(0)
    assert [phase.name for phase in trainer.phases] == ["main"]


def test_what_a_part_froze_for_good_stays_frozen() -> None:
    model = ToyModel()
    model.classifier[3].weight.requires_grad_(False)
    trainable = {weight for weight in model.parameters() if weight.requires_grad}
    recipe = toy_recipe()
    stage = recipe.training.stages["joint"]
    main = stage_phases(model, (), stage, lambda batch: {}, recipe.training.optimizer, trainable)[0]
    assert not any(weight is model.classifier[3].weight for weight in main.parameters)
    assert any(weight is model.classifier[3].bias for weight in main.parameters)


def test_an_interval_skips_steps() -> None:
    calls = []
    trainer = make_trainer(toy_recipe())
    original = trainer.optimizer_step

    def count(phase: Any, group: Any, step: int) -> StepFigures | None:
        calls.append((step, phase.name))
        return original(phase, group, step)

    trainer.optimizer_step = count  # type: ignore[assignment]
    run(trainer)
    assert [step for step, name in calls if name == "critic"] == list(range(0, 20, 2))
    assert [step for step, name in calls if name == "main"] == list(range(20))


@pytest.mark.parametrize("killed_after", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"ema": 0.9}, {"accumulate": 2}, {"keep": "best"}])
def test_kill_and_resume_equals_an_uninterrupted_run(tmp_path, killed_after: int, options: dict[str, Any]) -> None:
    def validate(model: nn.Module) -> float:
        batch = make_batch(TABLE, ROWS[:20])
        return float((model(batch, {"logits"}).logits.argmax(1) == batch.label).float().mean())

    recipe = toy_recipe(**options)
    lines: list[EpochMetrics] = []
    whole = run(make_trainer(recipe, validate=validate), lines.append)

    first_lines: list[EpochMetrics] = []

    def kill(line: EpochMetrics) -> None:
        first_lines.append(line)
        if len(first_lines) == killed_after:
            save_checkpoint(tmp_path, first.state_dict())
            raise Killed

    first = make_trainer(recipe, validate=validate)
    with pytest.raises(Killed):
        run(first, kill)
    torch.manual_seed(12345)  # whatever happened to the generators in between
    later_lines: list[EpochMetrics] = []
    second = make_trainer(recipe, validate=validate)
    resume(second, tmp_path)
    assert second.position.total_epochs == killed_after
    assert equal(run(second, later_lines.append), whole)

    def lasting(line: EpochMetrics) -> str:
        return json.dumps({name: value for name, value in line.dump().items() if "second" not in name})

    assert [lasting(line) for line in first_lines + later_lines] == [lasting(line) for line in lines]


def test_one_seed_gives_one_result_and_another_seed_another() -> None:
    first, again = run(make_trainer(toy_recipe())), run(make_trainer(toy_recipe()))
    other = run(make_trainer(toy_recipe().model_copy(update={"seed": 1})))
    assert equal(first, again)
    assert not equal(first, other)


def test_accumulated_batches_give_the_gradient_of_one_large_batch() -> None:
    batch = make_batch(TABLE, ROWS[:16])
    parts = [make_batch(TABLE, ROWS[:4]), make_batch(TABLE, ROWS[4:16])]  # of unequal size
    gradients = []
    for group in ([batch], parts):
        trainer = make_trainer(toy_recipe(clip_gradient=None))
        trainer.enter_stage(1)
        main = trainer.phases[0]
        main.enter = trainer.model.eval  # type: ignore[method-assign]  # batch norm and dropout see one sample
        trainer.modes.enter(main)
        trainer.optimizer_step(main, group, trainer.position.step)
        gradients.append(torch.cat([weight.grad.flatten() for weight in main.parameters if weight.grad is not None]))
    assert torch.allclose(gradients[0], gradients[1], atol=1e-6)


class Poisoned(Classification):
    """Not a number from its tenth call on."""

    calls = 0

    def forward(self, output: Any, batch: Any) -> torch.Tensor:
        self.calls += 1
        return super().forward(output, batch) * (float("nan") if self.calls >= 10 else 1.0)


def test_the_guard_names_stage_phase_step_and_term_and_keeps_the_weights() -> None:
    trainer = make_trainer(toy_recipe(), losses={**LOSSES, "classification": Poisoned()})
    with pytest.raises(RunFailed, match="stage joint, phase main, step 19: loss term classification is nan"):
        run(trainer)
    assert all(torch.isfinite(value).all() for value in trainer.model.state_dict().values())


class Infinite(Classification):
    """Infinite at one step, with a finite gradient."""

    calls = 0

    def forward(self, output: Any, batch: Any) -> torch.Tensor:
        self.calls += 1
        return super().forward(output, batch) + (float("inf") if self.calls == 6 else 0)


@pytest.mark.parametrize("optimizer", [{}, {"type": "sgd"}, {"type": "sgd", "momentum": 0}])
@pytest.mark.parametrize("clip", [1.0, None])
def test_neither_a_bad_step_nor_any_after_it_is_taken(
    monkeypatch: pytest.MonkeyPatch, optimizer: dict[str, Any], clip: float | None
) -> None:
    """The host reads figures of many steps at once: the weights are those before the bad step all the same."""
    monkeypatch.setattr(ledger, "STEPS", 10_000)
    monkeypatch.setattr(ledger, "SECONDS", 10_000)
    stages = {"joint": {"epochs": 1, "train": ["classifier"]}}
    recipe = toy_recipe(stages=stages, batch_size=2, optimizer=optimizer, clip_gradient=clip)
    trainer = make_trainer(recipe, losses={**LOSSES, "classification": Infinite()})
    before: list[dict[str, torch.Tensor]] = []

    def note(done: int, *_: object) -> None:
        before.append({name: value.detach().clone() for name, value in trainer.model.named_parameters()})

    progress = TrainingProgress(100, Console(file=io.StringIO()))
    progress.step = note  # type: ignore[method-assign]
    with progress, pytest.raises(RunFailed, match="step 5: loss term classification is inf"):
        trainer.train(progress)
    assert len(before) > 8, "steps after the bad one were tried"
    assert changed(before[3], before[4])
    for later in before[5:]:
        assert equal(before[4], later)


class Steep(Classification):
    """A finite loss with an infinite gradient."""

    def forward(self, output: Any, batch: Any) -> torch.Tensor:
        return (output.logits.sum() * 0).sqrt()


def test_the_guard_sees_a_gradient_that_is_not_finite() -> None:
    trainer = make_trainer(toy_recipe(), losses={**LOSSES, "classification": Steep()})
    with pytest.raises(RunFailed, match="stage joint, phase main, step 10: the gradient is not finite"):
        run(trainer)
    assert all(torch.isfinite(value).all() for value in trainer.model.state_dict().values())


def test_training_learns() -> None:
    lines: list[EpochMetrics] = []
    stages = {"joint": {"epochs": 40, "learning_rate": 0.01}}
    run(make_trainer(toy_recipe(stages=stages)), lines.append)
    assert (lines[-1].train_accuracy or 0) > 0.95
    assert lines[-1].losses["main"]["total"] < 0.5 * lines[0].losses["main"]["total"]


def test_terms_add_up_to_the_total() -> None:
    lines: list[EpochMetrics] = []
    run(make_trainer(toy_recipe()), lines.append)
    losses = dict(lines[-1].losses["main"])
    assert losses.pop("total") == pytest.approx(sum(losses.values()), rel=1e-5)
    assert set(losses) == {"classification", "generative"}


def test_best_weights_are_kept_when_asked_for() -> None:
    accuracies = iter([0.9, 0.2])  # of the two epochs that classify
    snapshots = []

    def validate(model: nn.Module) -> float:
        snapshots.append({name: value.clone() for name, value in model.state_dict().items()})
        return next(accuracies)

    kept = run(make_trainer(toy_recipe(keep="best"), validate=validate))
    assert equal(kept, snapshots[0])


def test_average_follows_its_closed_form() -> None:
    recipe = toy_recipe(ema=0.5, stages={"joint": {"epochs": 1}}, batch_size=20)
    trainer = make_trainer(recipe)
    weights = []
    original = trainer.optimizer_step

    def record(phase: Any, group: Any, step: int) -> StepFigures | None:
        means = original(phase, group, step)
        if phase.name == "critic" or step == 1:
            weights.append(trainer.model.classifier[3].weight.detach().clone())
        return means

    trainer.optimizer_step = record  # type: ignore[assignment]
    kept = run(trainer)
    decay = min(0.5, 2 / 11)  # after one update
    assert torch.allclose(kept["classifier.3.weight"], decay * weights[0] + (1 - decay) * weights[1], atol=1e-6)


def test_images_out_of_range_stop_the_first_batch() -> None:
    from gcnet_core.data.loader import check_first_batch
    from gcnet_core.plugin_api import UserError

    batch = make_batch(TABLE, ROWS[:4])
    with pytest.raises(UserError, match=r"images must be in \[0, 1\]; the first batch reaches from .* to 2[0-9][0-9]"):
        check_first_batch(replace(batch, query=batch.query * 255))
    with pytest.raises(UserError, match="constant"):
        check_first_batch(replace(batch, query=torch.full_like(batch.query, 0.5)))


def test_a_damaged_checkpoint_says_so(tmp_path) -> None:
    from gcnet_core.plugin_api import UserError

    save_checkpoint(tmp_path, {"position": {}})
    path = tmp_path / "checkpoint" / "state.pt"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(UserError, match=r"state\.pt: not a checkpoint of gcnet"):
        load_checkpoint(tmp_path)


def test_a_checkpoint_is_removed_with_what_a_killed_write_left(tmp_path) -> None:
    save_checkpoint(tmp_path, {"position": {}})
    (tmp_path / "checkpoint" / ".state.pt.half").write_bytes(b"half")
    remove_checkpoint(tmp_path)
    assert not list(tmp_path.iterdir())
    remove_checkpoint(tmp_path)


@pytest.mark.parametrize("last", [True, False])
def test_channels_last_holds_for_weights_too(last: bool) -> None:
    # A part that joins pictures loses the format of its batch; the weights of the next convolution bring it back.
    model = ToyModel()
    model.wide = nn.Conv2d(4, 4, 3)
    Trainer(toy_recipe(channels_last=last), model, LOSSES, TABLE, ROWS)
    assert model.wide.weight.is_contiguous(memory_format=torch.channels_last) is last
    assert model.wide(torch.rand(2, 4, 8, 8)).is_contiguous(memory_format=torch.channels_last) is last


def test_a_loss_that_stops_being_a_number_is_named() -> None:
    class Late(Classification):
        calls = 0

        def forward(self, output: Output, batch: Batch) -> Tensor:
            self.calls += 1
            value: Tensor = super().forward(output, batch)
            return value if self.calls < 3 else None  # type: ignore[return-value]

    trainer = make_trainer(toy_recipe(), losses={**LOSSES, "classification": Late()})
    with pytest.raises(PluginError, match="Late: forward returned a NoneType; expected a scalar tensor"):
        run(trainer)


def test_a_loss_that_changes_the_logits_cannot_change_the_training_accuracy() -> None:
    class Forger(Classification):
        def forward(self, output: Output, batch: Batch) -> Tensor:
            value: Tensor = super().forward(output, batch)
            output.logits.data.copy_(nn.functional.one_hot(batch.label, 2))
            return value

    figures = []
    for loss in (Classification(), Forger()):
        lines: list[EpochMetrics] = []
        run(make_trainer(toy_recipe(), losses={**LOSSES, "classification": loss}), lines.append)
        figures.append([line.train_accuracy for line in lines][2])
    assert figures[0] is not None
    assert figures[0] < 1, "there is something to forge"
    assert figures[1] == figures[0]


def test_the_model_itself_is_in_training_mode_while_a_step_is_taken_and_not_where_it_is_validated() -> None:
    trainer = make_trainer(toy_recipe())
    for phase in trainer.phases:
        phase.enter()
        assert trainer.model.training
    assert not trainer.current().training
