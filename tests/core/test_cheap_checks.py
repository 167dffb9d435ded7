"""What costs nothing to check is checked first: a mistake on the command line is told before any data are listed."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gcnet_core.cli import app
from gcnet_core.plugin_api import Registry, UserError, discover
from gcnet_core.recipe import load_recipe
from gcnet_core.runs import Run, write_record
from tests.core.fake_run import write_fake_run
from tests.runs import SMALL

PLUGIN = '''
from gcnet_core.plugin_api import ComponentSpec, DatasetConfig, hookimpl

class UntouchableConfig(DatasetConfig):
    """Data at which nobody may look."""

    folder: str = "."

    def info(self):
        raise AssertionError("the data were listed")

    notes = preparation = info

class Untouchable:
    def __init__(self, *args):
        raise AssertionError("the images were asked for")

@hookimpl
def gcnet_components():
    return [ComponentSpec("dataset", "untouchable", UntouchableConfig, "untouchable_data:Untouchable", "untouchable")]
'''
SYNTHETIC = "data: {type: synthetic_faces, subjects: 8, images_per_expression: 1}"
UNTOUCHABLE = SMALL.replace(SYNTHETIC, "data: {type: untouchable}")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command in a folder with `recipe.yaml`, whose data are untouchable; what it tells when it refuses."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "untouchable_data.py").write_text(PLUGIN)
    (tmp_path / "recipe.yaml").write_text(UNTOUCHABLE)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "something").touch()

    def caller(*arguments: str) -> str:
        answer = CliRunner().invoke(app, [*arguments, "--plugin", "untouchable_data.py"])
        assert isinstance(answer.exception, UserError), answer.output or answer.exception
        return str(answer.exception)

    yield caller  # type: ignore[misc]
    sys.modules.pop("untouchable_data", None)


def finished_run(folder: Path, text: str = SMALL, fold: str = "0") -> Path:
    """A folder that looks like a finished run."""
    folder.mkdir(parents=True)
    (folder / "recipe.yaml").write_text(text.replace("split: {folds: 4}", f"split: {{folds: 4, fold: {fold}}}"))
    for name in ("model.safetensors", "model.json"):
        (folder / name).touch()
    return folder


def test_the_data_are_untouchable(call: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the data were listed"):
        load_recipe(tmp_path / "recipe.yaml", registry=discover(["untouchable_data.py"]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run recipe.yaml --output full", "--output full: already holds something"),
        ("run recipe.yaml --device quantum", "--device quantum"),
        ("run recipe.yaml --resume --output nowhere", "--resume: nowhere holds no run"),
        ("run recipe.yaml --resume", "--resume: no unfinished run below runs/recipe"),
        ("compare recipe.yaml --device quantum", "--device quantum"),
        ("evaluate nowhere --data recipe.yaml", "nowhere: no finished run here"),
        ("evaluate full --data recipe.yaml", "full: no finished run here"),
        ("data prepare recipe.yaml full", "full: already holds something else"),
        ("data check recipe.yaml --output full", "--output full: is a folder"),
        ("data check recipe.yaml --detector nobody", "unknown detector nobody"),
    ],
)
def test_mistakes_on_the_command_line_come_first(call: Callable[..., str], arguments: str, message: str) -> None:
    assert message in call(*arguments.split())


def test_a_run_of_another_recipe_is_not_resumed(call: Callable[..., str], tmp_path: Path) -> None:
    finished_run(tmp_path / "begun", UNTOUCHABLE)
    told = call("run", "recipe.yaml", "--resume", "--output", "begun", "--set", "seed=3")
    assert "--resume: begun was begun with another recipe" in told


def test_a_run_without_a_model_is_not_evaluated(call: Callable[..., str], tmp_path: Path) -> None:
    (finished_run(tmp_path / "begun") / "model.json").unlink()
    assert "begun: no trained model here" in call("evaluate", "begun", "--data", "recipe.yaml")
    finished_run(tmp_path / "folds", fold="all")
    assert "folds: holds several folds" in call("evaluate", "folds", "--data", "recipe.yaml")
    finished_run(tmp_path / "done", UNTOUCHABLE)
    assert "--device quantum" in call("evaluate", "done", "--device", "quantum")


def test_the_folder_of_another_comparison_is_refused(call: Callable[..., str], tmp_path: Path) -> None:
    job = finished_run(tmp_path / "comparison" / "recipe" / "seed-0" / "fold-1", UNTOUCHABLE, fold="1")
    shutil.copy(write_fake_run(tmp_path / "other") / "summary.json", job)
    told = call("compare", "recipe.yaml", "--output", "comparison", "--set", "training.batch_size=16")
    assert told.startswith("comparison/recipe/seed-0/fold-1: holds a run of another recipe")


def test_a_comparison_goes_into_no_run_and_takes_no_run_of_a_few_steps(
    call: Callable[..., str], tmp_path: Path
) -> None:
    finished_run(tmp_path / "run", UNTOUCHABLE)
    assert call("compare", "recipe.yaml", "--output", "run").startswith("--output run: holds a run")
    job = finished_run(tmp_path / "comparison" / "recipe" / "seed-0" / "fold-1", UNTOUCHABLE, fold="1")
    summary = Run(write_fake_run(tmp_path / "other")).summary
    write_record(job / "summary.json", summary.model_copy(update={"status": "smoke"}))
    told = call("compare", "recipe.yaml", "--output", "comparison")
    assert told.startswith("comparison/recipe/seed-0/fold-1: holds a run of a few steps (--smoke)")


def test_a_recipe_that_is_wrong_tells_all_of_it_before_any_of_this(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)

    def never(recipe: object) -> None:
        raise AssertionError("called for a recipe that is wrong")

    with pytest.raises(UserError) as caught:
        load_recipe(
            tmp_path / "small.yaml", ["sede=1", "labels={joy: happiness}"], registry, before_data=never
        )  # fmt: skip
    assert len(str(caught.value).splitlines()) == 2
