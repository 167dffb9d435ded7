"""Names of gcnet 0.1 are understood for one version: in recipes, in stored models; a plugin that uses them is told."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from gcnet_core.faces.config import read_preparation
from gcnet_core.plugin_api import DetectorConfig, ImageConfig, Options, PluginError, Registry, discover
from gcnet_core.recipe import Recipe, RecipeError, load_recipe, recipe_hash, stored_recipe
from gcnet_core.recipe.problems import _warn_once
from tests.runs import SMALL, gcnet_process

OLD = """
extends: small.yaml
image: {size: 32, fit: crop}
model: {normalise: none, given_share: 0.5}
training:
  start_from: {encoder: elsewhere}
  stages:
    joint: {begin: {encoder: encoder}}
"""
NEW = """
extends: small.yaml
image: {size: 32, resize_mode: crop}
model: {normalize: none, reference: {type: generated, true_neutral_prob: 0.5}}
training:
  init_from: {encoder: elsewhere}
  stages:
    joint: {copy_weights: {encoder: encoder}}
"""


def options(registry: Registry) -> Iterator[type[Options]]:
    """Every class whose keys a person writes."""
    waiting: list[type[Options]] = [Options]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        yield found


def test_every_renamed_key_leads_to_one_that_exists(registry: Registry) -> None:
    renamed = [found for found in options(registry) if found.old_keys() and not found.__subclasses__()]
    assert len(renamed) > 10
    for found in renamed:
        for old, new in found.old_keys().items():
            assert old not in found.model_fields
            assert new in found.model_fields | found.moved() or issubclass(found, DetectorConfig)  # which may lack one
        for old, (part, _) in found.moved().items():
            assert old not in found.model_fields
            assert part in found.model_fields
        for key, words in found.old_values().items():
            assert key in found.model_fields
            assert not set(words) & set(words.values())


def test_a_recipe_in_old_words_is_the_recipe_in_new_ones(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.yaml").write_text(text)
    old, new = (load_recipe(tmp_path / f"{name}.yaml", registry=registry) for name in ("old", "new"))
    assert recipe_hash(old) == recipe_hash(new) != recipe_hash(load_recipe(tmp_path / "small.yaml", registry=registry))
    assert old.image.resize_mode == "crop"
    assert old.model.config.reference.dump() == new.model.config.reference.dump()
    assert old.model.config.reference.type == "generated"
    assert old.model.config.reference.config.true_neutral_prob == 0.5
    given = load_recipe(tmp_path / "small.yaml", ["model.reference=given"], registry)
    assert given.model.config.reference.type == "true_neutral"


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    """Each old name is told once in the life of a process."""
    _warn_once.cache_clear()


def told(caplog: pytest.LogCaptureFixture, folder: Path) -> list[str]:
    """The warnings of gcnet, without the folder of the files they name."""
    return [record.getMessage().replace(f"{folder}/", "") for record in caplog.records if record.name == "gcnet"]


def test_each_old_name_is_told_once_at_its_place(
    tmp_path: Path, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "old.yaml").write_text(OLD)
    for _ in range(2):  # a comparison loads a recipe once for each variant
        load_recipe(tmp_path / "old.yaml", ["model.reference=given", "model.true_reference_prob=0"], registry)
    then = "now; the old name is understood in this version"
    assert sorted(told(caplog, tmp_path)) == [
        f"--set model.reference=given: `reference: given` is called `reference: true_neutral` {then}",
        f"--set model.true_reference_prob=0: `true_reference_prob` is called `reference.true_neutral_prob` {then}",
        f"old.yaml:3:19: `fit` is called `resize_mode` {then}",
        f"old.yaml:4:26: `given_share` is called `true_reference_prob` {then}",
        f"old.yaml:4:9: `normalise` is called `normalize` {then}",
        f"old.yaml:6:3: `start_from` is called `init_from` {then}",
        f"old.yaml:8:13: `begin` is called `copy_weights` {then}",
    ]


def test_a_warning_is_one_line_that_leaves_json_alone(tmp_path: Path) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "old.yaml").write_text("extends: small.yaml\nimage: {fit: crop}\n")
    answer = gcnet_process("recipes", "show", "old.yaml", "--json", folder=tmp_path)
    assert json.loads(answer.stdout)["image"]["resize_mode"] == "crop"
    line = "`fit` is called `resize_mode` now; the old name is understood in this version"
    assert answer.stderr == f"old.yaml:2:9: {line}\n"


def test_nobody_is_told_of_old_names_in_a_stored_recipe(
    tmp_path: Path, registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "recipe.yaml"
    path.write_text(SMALL.replace("image: {", "image: {fit: crop, "))
    assert stored_recipe(path, registry).image.resize_mode == "crop"
    assert load_recipe(path, ["model.given_share=0.5"], registry, stored=True).image.resize_mode == "crop"
    assert {line.split(":")[0] for line in told(caplog, tmp_path)} == {"--set model.given_share=0.5"}


@pytest.mark.parametrize(
    ("base", "middle", "top", "overrides", "holds"),
    [
        ("resize_mode: pad", "", "fit: crop", (), "crop"),
        ("fit: pad", "", "resize_mode: crop", (), "crop"),
        ("fit: stretch", "resize_mode: pad", "fit: crop", (), "crop"),
        ("resize_mode: stretch", "fit: pad", "resize_mode: crop", (), "crop"),
        ("resize_mode: stretch", "fit: pad", "size: 32", (), "pad"),
        ("fit: stretch", "resize_mode: pad", "", ("image.fit=crop",), "crop"),
        ("fit: stretch", "resize_mode: pad", "", ("image.fit=pad", "image.resize_mode=crop"), "crop"),
    ],
)
def test_of_an_old_and_a_new_name_the_one_holds_that_is_nearer_to_the_user(
    base: str, middle: str, top: str, overrides: tuple[str, ...], holds: str, tmp_path: Path, registry: Registry
) -> None:
    (tmp_path / "small.yaml").write_text(SMALL.replace("image: {size: 32}", f"image: {{size: 32, {base}}}"))
    (tmp_path / "middle.yaml").write_text(f"extends: small.yaml\nimage: {{{middle}}}\n")
    (tmp_path / "top.yaml").write_text(f"extends: middle.yaml\nimage: {{{top}}}\n")
    assert load_recipe(tmp_path / "top.yaml", overrides, registry).image.resize_mode == holds


def test_mappings_under_an_old_and_a_new_name_are_merged(tmp_path: Path, registry: Registry) -> None:
    begun = SMALL.replace("training:\n", "training:\n  start_from: {encoder: a, decoder: b}\n")
    (tmp_path / "small.yaml").write_text(begun)
    (tmp_path / "top.yaml").write_text("extends: small.yaml\ntraining: {init_from: {decoder: c}}\n")
    assert load_recipe(tmp_path / "top.yaml", registry=registry).training.init_from == {"encoder": "a", "decoder": "c"}


def test_both_names_in_one_file_are_an_error_that_says_so(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "top.yaml").write_text("extends: small.yaml\nimage: {fit: crop, resize_mode: pad}\nsede: 1\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(tmp_path / "top.yaml", registry=registry)
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems] == [
        "top.yaml:2:9: `fit` is called `resize_mode` now, and that stands here too; leave out `fit`",
        "top.yaml:3:1: unknown key sede; did you mean seed?",
    ]


def test_a_mistake_under_an_old_name_is_told_where_it_is_written(tmp_path: Path, registry: Registry) -> None:
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "top.yaml").write_text("extends: small.yaml\nimage:\n  fit: corp\nmodel:\n  given_share: 3\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(tmp_path / "top.yaml", registry=registry)
    assert [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems] == [
        "top.yaml:3:8: expected stretch, pad or crop, not the text 'corp'",
        "top.yaml:5:16: expected at most 1, not 3",
    ]


def test_old_names_of_a_detector_are_told_too(registry: Registry, caplog: pytest.LogCaptureFixture) -> None:
    config = read_preparation(["detector={type: haar, turns: [90]}"], registry)
    assert config.detector.config.rotations == (90,)
    assert [record.getMessage().split(": `")[1] for record in caplog.records] == [
        "turns` is called `rotations` now; the old name is understood in this version"
    ]


def test_an_old_name_beside_the_new_one_is_an_error() -> None:
    assert ImageConfig.model_validate({"fit": "crop"}) == ImageConfig(resize_mode="crop")
    with pytest.raises(ValidationError, match="fit"):
        ImageConfig.model_validate({"fit": "crop", "resize_mode": "pad"})
    with pytest.raises(ValidationError):
        Recipe.model_validate({"begin": "x"}, context={"registry": None})  # only where it had that name


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("def fit(self, facts):\n    return ()", "check"),
        ("def provides(self):\n    return frozenset()", "available_outputs"),
        ("uses: ClassVar[frozenset[str]] = frozenset()", "required_outputs"),
    ],
)
def test_a_plugin_in_old_words_is_told(member: str, told: str, tmp_path: Path) -> None:
    head = "from typing import ClassVar\nfrom gcnet_core.plugin_api import ModelConfig\nclass Config(ModelConfig):\n"
    (tmp_path / "old_plugin.py").write_text(head + textwrap.indent(member, "    ") + "\n")
    with pytest.raises(PluginError, match=rf"Config\.\w+ is called {told} since gcnet 0.2; rename it"):
        discover([str(tmp_path / "old_plugin.py")])


@pytest.mark.parametrize(
    ("member", "told"),
    [
        ("estimate", "training_step since gcnet 0.2"),
        ("terms", "extra_losses since gcnet 0.2"),
        ("respond", "forward since gcnet 0.2"),
        ("predict", "forward since gcnet 0.3"),
    ],
)
def test_a_generator_in_old_words_is_told(member: str, told: str, tmp_path: Path) -> None:
    head = "from gcnet_core.interfaces import Generator\nclass Old(Generator):\n"
    (tmp_path / "old_plugin.py").write_text(f"{head}    def {member}(self, query):\n        return query\n")
    with pytest.raises(PluginError, match=f"Old.{member} is called {told}; rename it"):
        discover([str(tmp_path / "old_plugin.py")])


@pytest.mark.parametrize(("old", "new"), [("Facts", "RecipeInfo"), ("Problem", "ConfigIssue")])
def test_a_plugin_that_imports_an_old_class_is_told(old: str, new: str, tmp_path: Path) -> None:
    (tmp_path / "old_plugin.py").write_text(f"from gcnet_core.plugin_api import {old}\n")
    with pytest.raises(PluginError, match=f"{old} of gcnet_core.plugin_api is called {new} since gcnet 0.2; rename it"):
        discover([str(tmp_path / "old_plugin.py")])
