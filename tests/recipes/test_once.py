"""Each section of a recipe is validated once and its data are listed once; a list of recipes does neither."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from gcnet_core.cli import app
from gcnet_core.data.load import list_samples
from gcnet_core.plugin_api import ModelConfig, Registry, UserError, discover
from gcnet_core.recipe import load_candidates, load_recipe, shipped
from tests.plugins.trees import pictures
from tests.runs import SMALL

FOLDER = "extends: baselines/cnn_resnet\nimage: {size: 8}\nsplit: {folds: 2}\ndata: {type: folder, folder: FOLDER}\n"
PLUGIN = """
from gcnet_core.plugin_api import ComponentSpec, ModelConfig, hookimpl, part_of

class Config(ModelConfig):
    '''Options.'''
    estimator: part_of("generator")
    encoder: part_of("encoder")

@hookimpl
def gcnet_components():
    return [ComponentSpec("model", "estimating", Config, "estimating:Model", "a model")]

class Model:
    pass
"""


@pytest.fixture
def validations(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each class is asked to validate something."""
    counted: Counter[str] = Counter()
    validate = BaseModel.model_validate.__func__  # type: ignore[attr-defined]

    def counting(cls: type[BaseModel], *arguments: Any, **options: Any) -> Any:
        counted[cls.__name__] += 1
        return validate(cls, *arguments, **options)

    monkeypatch.setattr(BaseModel, "model_validate", classmethod(counting))
    return counted


def test_nothing_is_validated_twice(validations: Counter[str], registry: Registry) -> None:
    recipe = load_recipe("vae_resnet", registry=registry)
    expected = Counter(type(part.config).__name__ for part in recipe.part_paths().values())
    assert validations == expected + Counter(["Recipe"])


@pytest.fixture
def listings(tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were listed; a recipe in the current folder names one."""
    pictures(tmp_path / "data", *(f"{name}/S{n}_1.png" for name in ("anger", "neutral") for n in range(4)))
    (tmp_path / "recipe.yaml").write_text(FOLDER.replace("FOLDER", str(tmp_path / "data")))
    monkeypatch.chdir(tmp_path)
    listed: list[str] = []
    config: Any = registry.get("dataset", "folder").config
    really = config.listed

    def counting(self: Any) -> Any:
        listed.append(self.folder)
        return really(self)

    monkeypatch.setattr(config, "listed", counting)
    return listed


def test_data_are_listed_once_for_checks_and_samples(listings: list[str], registry: Registry) -> None:
    recipe = load_recipe("recipe.yaml", registry=registry)
    assert len(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry).samples) == 8
    recipe.notes()
    assert len(listings) == 1


def test_data_that_changed_are_seen_by_the_next_load(listings: list[str], registry: Registry, tmp_path: Path) -> None:
    assert load_recipe("recipe.yaml", registry=registry).data.config.info().classes == ("neutral", "anger")
    pictures(tmp_path / "data", "fear/S1_1.png")
    assert load_recipe("recipe.yaml", registry=registry).data.config.info().classes == ("neutral", "anger", "fear")


def test_all_recipes_of_a_comparison_list_their_data_once(listings: list[str], registry: Registry) -> None:
    named = load_candidates(["recipe.yaml"], ["model.encoder.name=resnet18,resnet34"], [], registry)
    assert named[0].recipe.data is named[1].recipe.data
    assert len(listings) == 1


def test_recipes_are_listed_without_their_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "shipped_folder", lambda: tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL + "summary: small one\n")
    (tmp_path / "two.yaml").write_text("extends: small.yaml\nsummary: two\ndata: [{type: folder}, {type: nobody}]\n")
    answer = CliRunner().invoke(app, ["recipes", "list", "--json"])
    assert answer.exit_code == 0
    rows = {row["name"]: row for row in json.loads(answer.stdout)}
    assert rows["small"] == {
        "name": "small", "summary": "small one", "data": "synthetic_faces", "model": "gcnet", "broken": "",
    }  # fmt: skip
    assert rows["two"]["data"] == "folder, nobody"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("seed: [1\n", "broken YAML"),
        ("extends: nowhere\n", "no such file, and no shipped recipe of that name: nowhere"),
        ("extends: small.yaml\nmodel: null\n", "broken.yaml:2:8: no type of model is written"),
        ("extends: small.yaml\ndata: [{}]\n", "broken.yaml:2:7: no type of data is written"),
    ],
)
def test_a_broken_recipe_is_listed_as_broken(
    text: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipped, "shipped_folder", lambda: tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL + "summary: small one\n")
    (tmp_path / "broken.yaml").write_text(text)
    answer = CliRunner().invoke(app, ["recipes", "list"])
    assert answer.exit_code == 2
    assert "small one" in answer.stdout
    assert fault in answer.stderr


def test_a_model_says_which_of_its_parts_need_no_losses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "estimating.py").write_text(PLUGIN)
    registry = discover([str(tmp_path / "estimating.py")])
    model: ModelConfig = registry.part(
        "model", "estimating", {"estimator": {"type": "vae"}, "encoder": {"type": "conv"}}
    ).config
    assert model.parts_with_own_losses() == {"estimator"}
    text = SMALL.partition("model:")[0] + (
        "model: {type: estimating, estimator: {type: vae}, encoder: {type: conv, channels: [8]}}\n"
        "losses: {classification: {type: cross_entropy}}\n"
        "training: {stages: {first: {epochs: 1, train: [estimator], losses: []}}}\n"
    )
    (tmp_path / "recipe.yaml").write_text(text)
    load_recipe(tmp_path / "recipe.yaml", registry=registry)
    with pytest.raises(UserError, match="this stage has nothing to minimise"):
        load_recipe(tmp_path / "recipe.yaml", ["training.stages.first.train=[encoder]"], registry)
