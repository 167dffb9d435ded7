"""YAML 1.2, `extends`, `--set`, variables; a resolved recipe loads as the same recipe; the schema knows all of it."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import (
    Recipe,
    dump_recipe,
    find_recipe,
    json_schema,
    load_recipe,
    recipe_hash,
    resolved,
    shipped_recipes,
)
from tests.conftest import ROOT

BASE = (Path(__file__).parent / "errors" / "base.yaml").read_text()
SHIPPED = sorted(shipped_recipes())


@pytest.fixture
def load(tmp_path: Path, registry: Registry) -> Any:
    """Load a recipe from text that extends the base of the error tests."""

    def loader(text: str = "", *overrides: str, base: str = BASE) -> Recipe:
        (tmp_path / "base.yaml").write_text(base)
        (tmp_path / "recipe.yaml").write_text("extends: base.yaml\n" + text)
        return load_recipe(tmp_path / "recipe.yaml", overrides, registry)

    return loader


def test_numbers_and_words_are_those_of_yaml_1_2(load: Any) -> None:
    recipe = load("summary: no\ntraining: {optimizer: {learning_rate: 1e-3, weight_decay: 1E2}}\nseed: 010\n")
    assert recipe.summary == "no"
    assert recipe.training.optimizer.learning_rate == 0.001
    assert recipe.training.optimizer.weight_decay == 100
    assert recipe.seed == 10


def test_overrides_are_read_by_the_same_rules(load: Any) -> None:
    recipe = load(
        "", "training.optimizer.learning_rate=1e-2", "summary=no", "model.generator.latent=7",
        "training.stages.joint.train=[encoder, classifier]", "training.stages.joint.train.1=delta", "image={size: 64}",
    )  # fmt: skip
    assert recipe.training.optimizer.learning_rate == 0.01
    assert recipe.summary == "no"
    assert recipe.model.config.generator.config.latent == 7
    assert recipe.training.stages["joint"].train == ("encoder", "delta")
    assert (recipe.image.size, recipe.image.channels) == (64, 1)


def test_the_last_override_wins_over_files(load: Any) -> None:
    assert load("seed: 3", "seed=4", "seed=5").seed == 5
    assert load("seed: 3").seed == 3


def test_another_type_takes_none_of_the_old_options(load: Any) -> None:
    recipe = load("model: {encoder: {type: conv}}")
    assert recipe.model.config.encoder.type == "conv"
    same = load("model: {encoder: {type: timm, drop_rate: 0.5}}")
    assert (same.model.config.encoder.config.name, same.model.config.encoder.config.drop_rate) == ("resnet18", 0.5)


def test_null_removes_what_an_extended_recipe_brought(load: Any) -> None:
    recipe = load("losses: {generative: null}\ntraining: {stages: {generator: null}}")
    assert list(recipe.losses) == ["classification"]
    assert list(recipe.training.stages) == ["joint"]


def test_extends_finds_a_shipped_recipe_but_a_file_comes_first(load: Any, tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: ar/vae_resnet\nseed: 3\n")
    recipe = load_recipe(path, registry=registry)
    assert (recipe.seed, recipe.image.size, recipe.model.config.encoder.config.name) == (3, 64, "resnet18")
    (tmp_path / "ar").mkdir()
    (tmp_path / "ar" / "vae_resnet").write_text("extends: generators/autoencoder\nimage: {size: 32}\n")
    assert load_recipe(path, registry=registry).image.size == 32


def test_extends_goes_over_several_files(load: Any, tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(BASE + "seed: 1\nthreads: 1\n")
    recipe = load("threads: 3", base="extends: root.yaml\nseed: 2\n")
    assert (recipe.seed, recipe.threads) == (2, 3)


def test_variables_stand_for_text_and_numbers(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCNET_SEED", "12")
    monkeypatch.delenv("GCNET_OTHER", raising=False)
    recipe = load("seed: ${GCNET_SEED}\nsummary: run ${GCNET_SEED} of ${GCNET_OTHER:-many}\nthreads: ${GCNET_OTHER:-2}")
    assert recipe.seed == 12
    assert recipe.summary == "run 12 of many"
    assert recipe.threads == 2


def test_anchors_and_merge_keys(load: Any) -> None:
    recipe = load("training:\n  stages:\n    first: &stage {epochs: 3}\n    second: *stage\n")
    assert recipe.training.stages["second"].epochs == 3


@pytest.fixture(scope="module")
def shipped(registry: Registry) -> Callable[[str], Recipe]:
    """Load a shipped recipe, once for all tests."""
    return cache(lambda name: load_recipe(name, registry=registry))


@pytest.fixture(scope="module")
def validator(registry: Registry) -> jsonschema.Draft202012Validator:
    """Of the schema, which is right itself."""
    schema = json_schema(registry)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_resolved_recipe_loads_as_the_same(
    name: str, shipped: Callable[[str], Recipe], registry: Registry, tmp_path: Path
) -> None:
    recipe = shipped(name)
    path = tmp_path / "again.yaml"
    path.write_text(dump_recipe(recipe))
    again = load_recipe(path, registry=registry)
    assert resolved(again) == resolved(recipe)
    assert recipe_hash(again) == recipe_hash(recipe)


def test_the_hash_depends_on_values_that_matter(load: Any) -> None:
    first = load("seed: 1")
    assert recipe_hash(load("summary: other words\nseed: 1")) == recipe_hash(first)
    assert recipe_hash(load("seed: 2")) != recipe_hash(first)
    assert recipe_hash(load("seed: 1", "model.generator.latent=7")) != recipe_hash(first)


def test_shipped_recipes_are_found_by_name_and_path(registry: Registry) -> None:
    for source in ("recipes/vae_resnet.yaml", "./vae_resnet.yaml", ROOT / "recipes" / "vae_resnet.yaml"):
        assert find_recipe(source).resolve() == find_recipe("vae_resnet").resolve()
    with pytest.raises(UserError, match="no shipped recipe of that name; did you mean vae_resnet"):
        find_recipe("vae_resnt")


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_recipes_say_what_they_are(name: str) -> None:
    text = shipped_recipes()[name].read_text()
    depth = name.count("/")
    assert text.startswith(f"# yaml-language-server: $schema={'../' * depth}schema.json\n")
    for word in ("# Needs:", "# Cost:", "# Reaches:", "summary:"):
        assert word in text, word


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_recipes_fit_the_schema(
    name: str, shipped: Callable[[str], Recipe], validator: jsonschema.Draft202012Validator
) -> None:
    validator.validate(YAML(typ="safe", pure=True).load(shipped_recipes()[name].read_text()))
    validator.validate(resolved(shipped(name)))


@pytest.mark.parametrize(
    "change",
    [
        {"sede": 1},
        {"seed": "one"},
        {"model": {"type": "gcnte"}},
        {"losses": {"classification": {"type": "cross_entropy", "wieght": 2}}},
        {"training": {"optimizer": {"type": "adam"}}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(
    change: dict[str, Any], shipped: Callable[[str], Recipe], validator: jsonschema.Draft202012Validator
) -> None:
    recipe = resolved(shipped("vae_resnet"))
    validator.validate(recipe)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**recipe, **change})


def test_the_schema_file_is_up_to_date(registry: Registry) -> None:
    written = json.loads((ROOT / "recipes" / "schema.json").read_text())
    assert written == json_schema(registry), "run: gcnet recipes schema --output recipes/schema.json"
