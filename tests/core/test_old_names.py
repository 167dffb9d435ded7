"""Names of gcnet 0.1 are understood for one version: in recipes, in stored models; a plugin that uses them is told."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from gcnet_core.plugin_api import DetectorConfig, ImageConfig, Options, PluginError, Registry, discover
from gcnet_core.recipe import Recipe, load_recipe, recipe_hash
from tests.runs import SMALL

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
model: {normalize: none, true_reference_prob: 0.5}
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
            assert new in found.model_fields or issubclass(found, DetectorConfig)  # a detector may lack an option
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
    assert old.model.config.reference == "generated"
    given = load_recipe(tmp_path / "small.yaml", ["model.reference=given"], registry)
    assert given.model.config.reference == "true_neutral"


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
