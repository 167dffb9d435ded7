"""Trained models that plugins bring: found by name, one default, faults told."""

import json
from pathlib import Path

import pytest

from gcnet_core.inference.find_model import find_model, is_model
from gcnet_core.plugin_api import ModelSpec, Registry, UserError, hookimpl
from gcnet_core.plugin_api.discovery import add_plugin
from gcnet_core.plugin_api.model_spec import FILES
from tests.runs import gcnet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a model, as far as a plugin that declares it is looked at."""
    place = tmp_path / "weights"
    place.mkdir()
    for name in FILES:
        (place / name).write_text("card" if name == "README.md" else "{}", encoding="utf-8")
    return place


class Plugin:
    """Brings what it is given."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    @hookimpl
    def gcnet_models(self) -> object:
        """The models."""
        return self.answer


def added(answer: object, registry: Registry | None = None, owner: str = "faces-inc") -> Registry:
    """A registry with one more plugin."""
    registry = registry or Registry()
    add_plugin(registry, lambda: Plugin(answer), owner, owner, "2.0", owner)
    return registry


def spec(weights: Path, **changes: object) -> ModelSpec:
    """A model that is as it must be, but for the changes."""
    values = {"name": "young", "folder": weights, "summary": "children", "licence": "MIT", **changes}
    return ModelSpec(**values)  # type: ignore[arg-type]


def test_a_model_is_found_by_its_name(folder: Path) -> None:
    registry = added([spec(folder)])
    place = find_model("young", registry)
    assert (place.name, place.path) == ("young", folder)
    assert is_model("young", registry)
    assert not is_model("old", registry)


def test_a_folder_of_that_name_is_pictures(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "young").mkdir()
    monkeypatch.chdir(tmp_path)
    assert not is_model("young", added([spec(folder)]))


def test_a_misspelt_name_is_told_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UserError, match="called yung; did you mean young?"):
        find_model("yung", added([spec(folder)]))


def test_the_default_answers_where_none_is_named(folder: Path) -> None:
    registry = added([spec(folder), spec(folder, name="all", default=True)])
    assert find_model(None, registry).name == "all"


def test_without_a_default_a_name_is_asked_for(folder: Path) -> None:
    with pytest.raises(UserError, match="name the folder of a run"):
        find_model(None, added([spec(folder)]))


def test_two_defaults_name_both_distributions(folder: Path) -> None:
    registry = added([spec(folder, default=True)])
    added([spec(folder, name="b", default=True)], registry, owner="others-inc")
    with pytest.raises(UserError, match="faces-inc and others-inc"):
        find_model(None, registry)


def test_two_models_of_one_name_name_both_distributions(folder: Path) -> None:
    registry = added([spec(folder)])
    added([spec(folder)], registry, owner="others-inc")
    with pytest.raises(UserError, match="called young: faces-inc and others-inc"):
        find_model("young", registry)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "a b"}, "not made of letters"),
        ({"summary": ""}, "summary '' of model 'young' is not one line"),
        ({"licence": "two\nlines"}, "licence"),
        ({"folder": Path("nowhere")}, "nowhere has no model.json and no model.safetensors and no README.md"),
    ],
)
def test_a_wrong_declaration_is_told(folder: Path, changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        spec(folder, **changes)


@pytest.mark.parametrize("answer", [None, "young", ["young"], 7])
def test_a_plugin_that_returns_something_else_is_broken(answer: object) -> None:
    registry = added(answer)
    assert not registry.models.found
    assert "gcnet_models returned" in registry.broken[0].reason


def test_two_of_one_name_in_a_plugin_break_it(folder: Path) -> None:
    assert "2 models called young" in added([spec(folder), spec(folder, summary="again")]).broken[0].reason


def test_the_command_lists_models_and_shows_their_cards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gcnet_core.plugin_api.discover", lambda: added([spec(folder, default=True)]))
    listed = json.loads(gcnet("models", "list", "--json").stdout)["models"]
    assert [(row["name"], row["from"], row["default"]) for row in listed] == [("young", "faces-inc 2.0", True)]
    assert "children" in gcnet("models").stdout
    assert gcnet("models", "show").stdout == gcnet("models", "show", "young").stdout == "card\n"
    assert gcnet("models", "show", "yung").returncode == 2
