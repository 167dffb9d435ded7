"""What the options of a part answer wrongly is a problem of the recipe: at the part's place, beside all others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.plugin_api import MissingData, Registry, UserError, discover
from gcnet_core.plugin_api.modules import defines
from gcnet_core.recipe import RecipeError, load_recipe
from tests.runs import SMALL, gcnet

HEAD = """
from typing import ClassVar
from pydantic import field_validator
from gcnet_core.plugin_api import (
    ComponentSpec, ConfigIssue, DatasetConfig, DatasetInfo, LossConfig, MissingData, ModelConfig, UserError, hookimpl,
    part_of,
)

class Part: ...

class Loss(LossConfig):
    power: int = 2
    LOSS

class Data(DatasetConfig):
    folder: str = ""
    DATA

class Model(ModelConfig):
    translator: part_of("generator")
    encoder: part_of("encoder")
    MODEL

@hookimpl
def gcnet_components():
    for kind, config in (("loss", Loss), ("dataset", Data), ("model", Model)):
        yield ComponentSpec(kind, "odd", config, "odd_parts:Part", "odd")
"""
INFO = "def info(self): return DatasetInfo(('neutral', 'anger'), True)"
RECIPE = """
seed: many
data: {type: odd}
model:
  type: odd
  translator: {type: vae, latent: 8}
  encoder: {type: conv, channels: [8]}
losses:
  mine: {type: odd}
training:
  stages:
    first: {epochs: 1, train: [translator], losses: []}
"""
LOSS, DATA, MODEL = "9:3", "3:1", "4:1"
"""Where the recipe chooses each part; a part is its key."""
OF = "of odd_parts.py"


@pytest.fixture
def problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """What is wrong with the recipe if the options of its parts have these methods, without folders."""
    monkeypatch.chdir(tmp_path)

    def told(loss: str = "", data: str = INFO, model: str = "", recipe: str = RECIPE) -> list[str]:
        text = HEAD.replace("LOSS\n", f"{loss}\n").replace("DATA\n", f"{data}\n").replace("MODEL\n", f"{model}\n")
        Path("odd_parts.py").write_text(text)
        Path("recipe.yaml").write_text(recipe)
        try:
            load_recipe("recipe.yaml", registry=discover(["odd_parts.py"]))
        except RecipeError as error:
            return [line.removeprefix("recipe.yaml:") for line in str(error).splitlines()]
        return []

    return told


SEED = "2:7: expected a whole number, not the text 'many'"


@pytest.mark.parametrize(
    ("whose", "method", "place", "message"),
    [
        ("loss", "def check(self, info): raise RuntimeError('why\\nso')", LOSS,
         f"the loss odd {OF} fails in `check`: RuntimeError: why so (odd_parts.py:13)"),
        ("loss", "def check(self, info): yield from (); raise SystemExit(3)", LOSS,
         f"the loss odd {OF} fails in `check`: it ended the process by sys.exit(3) (odd_parts.py:13)"),
        ("loss", "def check(self, info): pass", LOSS,
         f"the loss odd {OF} answers `check` by None; expected ConfigIssue objects with a path and a message, none if "
         "the part fits"),
        ("loss", "def check(self, info): return ['too wide']", LOSS,
         f"the loss odd {OF} answers `check` by ['too wide']; expected ConfigIssue objects with a path and a message, "
         "none if the part fits"),
        ("loss", "def check(self, info): return [ConfigIssue('power', 'too high')]", LOSS,
         f"the loss odd {OF} answers `check` by [ConfigIssue(path='power', message='too high', absolute=False)]; "
         "expected ConfigIssue objects with a path and a message, none if the part fits"),
        ("loss", "@field_validator('power', mode='before')\n    def odd(cls, value): return {}[value]\n"
         "    model_config = {'validate_default': True}", LOSS.replace("3", "9"),
         f"the loss odd {OF} cannot judge its options: KeyError: 2 (odd_parts.py:14)"),
        ("loss", "def model_post_init(self, context): raise RuntimeError('no')", LOSS.replace("3", "9"),
         f"the loss odd {OF} cannot judge its options: RuntimeError: no (odd_parts.py:13)"),
        ("data", "", DATA, f"the dataset odd {OF} has no method `info`; expected one that returns a DatasetInfo whose "
         "classes are names"),
        ("data", "def info(self): return ('anger', 'neutral')", DATA,
         f"the dataset odd {OF} answers `info` by ('anger', 'neutral'); expected a DatasetInfo whose classes are "
         "names"),
        ("data", "def info(self): return open('nowhere')", DATA,
         f"the dataset odd {OF} fails in `info`: FileNotFoundError: [Errno 2] No such file or directory: 'nowhere' "
         "(odd_parts.py:17)"),
        ("model", "def parts_with_own_losses(self): return 'translator'", MODEL,
         f"the model odd {OF} answers `parts_with_own_losses` by 'translator'; expected a set of names"),
        ("model", "def available_outputs(self): return 1 / 0", MODEL,
         f"the model odd {OF} fails in `available_outputs`: ZeroDivisionError: division by zero (odd_parts.py:22)"),
        ("model", "def available_outputs(self): return ['logits']", MODEL,
         f"the model odd {OF} answers `available_outputs` by ['logits']; expected a set of names"),
        ("model", "def needs_true_reference(self): return None", MODEL,
         f"the model odd {OF} answers `needs_true_reference` by None; expected True or False"),
        ("model", "def trains_by_gradient(self): raise TypeError", MODEL,
         f"the model odd {OF} fails in `trains_by_gradient`: TypeError (odd_parts.py:22)"),
    ],
)  # fmt: skip
def test_a_wrong_answer_is_told_at_its_part(
    problems: Any, whose: str, method: str, place: str, message: str, tmp_path: Path
) -> None:
    told = [line.replace(f"{tmp_path}/", "") for line in problems(**{whose: method})]
    assert told == sorted([SEED, f"{place}: {message}"])


def test_what_it_prints_stays_out_of_the_answer(problems: Any, capfd: pytest.CaptureFixture[str]) -> None:
    assert problems(
        loss="def check(self, info): print('checked'); return []",
        data="def info(self): print('listed'); return DatasetInfo(('neutral', 'anger'), True)",
        recipe=RECIPE.replace("many", "1"),
    ) == []  # fmt: skip
    answer = capfd.readouterr()
    assert answer.out == ""
    assert "loss odd of odd_parts.py prints: checked" in answer.err
    assert "dataset odd of odd_parts.py prints: listed" in answer.err


@pytest.mark.parametrize("error", [MissingData, UserError])
def test_missing_data_are_no_fault_of_the_recipe(problems: Any, error: type[UserError]) -> None:
    assert problems(data=f"def info(self): raise {error.__name__}('put it there')") == [SEED]


def test_a_part_with_losses_of_its_own_may_have_any_name(problems: Any) -> None:
    """No kind and no name of a part makes a rule: the options say that the part brings losses."""
    recipe = RECIPE.replace("many", "1")
    assert problems(recipe=recipe) == []
    (line,) = problems(recipe=recipe.replace("[translator]", "[encoder]"))
    assert line == "12:5: this stage has nothing to minimise; name some `losses`"
    without = recipe.replace("losses:\n  mine: {type: odd}\n", "")
    assert problems(recipe=without) == []


MISSING = "class Part: ..."


def test_a_missing_class_is_told_before_data_are_listed(problems: Any, tmp_path: Path) -> None:
    listed = "def info(self): raise AssertionError('listed')"
    Path("odd_parts.py").write_text(HEAD.replace(MISSING, "").replace("LOSS\n", "\n").replace("MODEL\n", "\n").replace(
        "DATA\n", f"{listed}\n"
    ))  # fmt: skip
    Path("recipe.yaml").write_text(RECIPE.replace("many", "1"))
    answer = gcnet("run", "recipe.yaml", "--plugin", "odd_parts.py", folder=tmp_path)
    assert answer.returncode == 2
    lines = [line for line in answer.stderr.splitlines() if "has no class" in line]
    assert lines == [
        f"recipe.yaml:{place}: the {kind} odd of odd_parts.py cannot be built: module odd_parts has no class Part (its "
        "target)"
        for place, kind in (("3:14", "dataset"), ("5:9", "model"), ("9:16", "loss"))
    ]
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("class Mirror: ...", True),
        ("def Mirror(): ...", True),
        ("from elsewhere import Other as Mirror", True),
        ("try:\n    import torch\nexcept ImportError:\n    Mirror = None", True),
        ("if True:\n    class Mirror: ...", True),
        ("from elsewhere import *", True),
        ("globals()['Mirror'] = 1", True),
        ("def __getattr__(name): ...", True),
        ("this is no python", True),
        ("class Miror: ...", False),
        ("def outer():\n    class Mirror: ...", False),
        ("import elsewhere.Mirror", False),
        ("", False),
    ],
)
def test_a_class_is_looked_for_in_the_text(
    text: str, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"looked_at_{abs(hash(text))}"
    (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert defines(name, "Mirror") == there
    assert defines(f"{name}_not_there", "Mirror")


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["training.stages.joit.epochs=1"], "--set training.stages.joit.epochs=1: no stage is called joit (a new one "
         "is given as a whole, such as training.stages.joit={epochs: 3}); did you mean joint?"),
        (["training.stages.third.losses=[]"], "--set training.stages.third.losses=[]: no stage is called third (a new "
         "one is given as a whole, such as training.stages.third={epochs: 3}); there are: generator, encoder, joint"),
    ],
)  # fmt: skip
def test_a_misspelt_stage_is_told(sets: list[str], message: str, tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    with pytest.raises(RecipeError) as error:
        load_recipe(tmp_path / "small.yaml", sets, registry)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "sets",
    [
        ["training.stages.third={epochs: 2}"],
        ["training.stages.third.epochs=2", "training.stages.third.learning_rate=1e-3"],
        ["training.stages.joint.epochs=2"],
        ["training.stages.joint=null", "training.stages.joint.epochs=3"],
    ],
)
def test_a_whole_stage_may_be_new(sets: list[str], tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    stages = load_recipe(tmp_path / "small.yaml", sets, registry).training.stages
    assert len(stages) == (4 if "third" in sets[0] else 3)


def test_the_stage_of_the_default_has_a_name(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.partition("  stages:")[0])
    recipe = load_recipe(tmp_path / "small.yaml", ["training.stages.joint.epochs=3"], registry)
    assert {name: stage.epochs for name, stage in recipe.training.stages.items()} == {"joint": 3}
    with pytest.raises(RecipeError, match=r"no stage is called joit .*; did you mean joint\?"):
        load_recipe(tmp_path / "small.yaml", ["training.stages.joit.epochs=3"], registry)
