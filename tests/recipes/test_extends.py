"""`extends` with several recipes: merged in order, later ones win; shipped recipes are flat and made of bases."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from gcnet_core.cli.recipes import app
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import find_recipe, json_schema, load_recipe, resolved, shipped_folder, shipped_recipes
from gcnet_core.recipe.merge import read_file
from gcnet_core.recipe.problems import Problems
from tests.benchmarks import recipe_values

BASES = sorted(path.relative_to(shipped_folder()).as_posix() for path in (shipped_folder() / "bases").rglob("*.yaml"))


def merged(folder: Path, **files: str) -> Any:
    """The values of `top` among recipes that are written into a folder."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    problems = Problems()
    root = read_file(folder / "top.yaml", problems)
    problems.raise_any()
    values = root.plain()
    values.pop("extends", None)
    return values


def read_yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def test_later_ones_win_and_the_recipe_itself_over_all(tmp_path: Path) -> None:
    first = "seed: 1\nthreads: 1\nimage: {size: 8, channels: 1}\n"
    second = "threads: 2\nimage: {size: 16}\nsummary: second\n"
    top = "extends: [first.yaml, second.yaml]\nsummary: top\n"
    values = merged(tmp_path, first=first, second=second, top=top)
    assert values == {"seed": 1, "threads": 2, "image": {"size": 16, "channels": 1}, "summary": "top"}
    values = merged(tmp_path, top=top.replace("first.yaml, second.yaml", "second.yaml, first.yaml"))
    assert values == {"seed": 1, "threads": 1, "image": {"size": 8, "channels": 1}, "summary": "top"}


def test_another_type_in_a_later_one_takes_none_of_the_old_options(tmp_path: Path) -> None:
    first = "model: {encoder: {type: conv, width: 8}}\n"
    top = "extends: [first.yaml, second.yaml]\n"
    other = merged(tmp_path, first=first, second="model: {encoder: {type: timm, name: resnet18}}\n", top=top)
    assert other["model"]["encoder"] == {"type": "timm", "name": "resnet18"}
    same = merged(tmp_path, second="model: {encoder: {type: conv, depth: 2}}\n")
    assert same["model"]["encoder"] == {"type": "conv", "width": 8, "depth": 2}


def test_null_removes_what_an_earlier_one_brought(tmp_path: Path) -> None:
    values = merged(
        tmp_path, first="losses: {l2: {weight: 1}}\n", second="losses: {l2: null}\n",
        top="extends: [first.yaml, second.yaml]\n",
    )  # fmt: skip
    assert values == {"losses": {"l2": None}}


def test_one_recipe_reached_twice_is_no_circle(tmp_path: Path) -> None:
    left, right = "extends: root.yaml\nseed: 2\n", "extends: root.yaml\nthreads: 3\n"
    top = "extends: [left.yaml, right.yaml]\n"
    values = merged(tmp_path, root="seed: 1\nthreads: 1\nsummary: root\n", left=left, right=right, top=top)
    # each brings all that it extends: the seed of root, through right, comes after that of left
    assert values == {"seed": 1, "threads": 3, "summary": "root"}
    assert merged(tmp_path, top="extends: [root.yaml, root.yaml, left.yaml]\n")["seed"] == 2


def test_a_circle_is_told_at_the_entry_that_closes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        merged(
            tmp_path,
            good="seed: 1\n",
            low="extends:\n- good.yaml\n- top.yaml\n",
            top="extends: [good.yaml, low.yaml]\n",
        )
    assert (
        str(error.value) == f"{tmp_path / 'low.yaml'}:3:3: extends goes in a circle: top.yaml -> low.yaml -> top.yaml"
    )


@pytest.mark.parametrize("none", ["[]", "null", ""])
def test_nothing_is_extended(none: str, tmp_path: Path) -> None:
    assert merged(tmp_path, top=f"extends: {none}\nseed: 1\n") == {"seed": 1}


def test_ones_own_recipe_puts_shipped_bases_together_by_name(tmp_path: Path, registry: Registry) -> None:
    path = tmp_path / "mine.yaml"
    text = "training: {stages: {generator: {epochs: 40}, encoder: {epochs: 40}}}\n"
    path.write_text("extends: [bases/data/ar, bases/models/s0r0]\n" + text)
    ours, theirs = resolved(load_recipe(path, registry=registry)), resolved(load_recipe("ablation/ar/s0r0"))
    assert {**ours, "name": "", "summary": ""} == {**theirs, "name": "", "summary": ""}


def test_a_copy_of_a_recipe_with_several_bases_loads_anywhere(tmp_path: Path, registry: Registry) -> None:
    copy = tmp_path / "mine.yaml"
    assert CliRunner().invoke(app, ["copy", "ckplus/balanced_gcnet", str(copy)]).exit_code == 0
    assert "extends" not in read_yaml(copy)
    assert resolved(load_recipe(copy, registry=registry)) == resolved(load_recipe("ckplus/balanced_gcnet"))


def test_bases_are_no_recipes_to_run() -> None:
    assert BASES
    assert not [name for name in shipped_recipes() if name.startswith("bases")]
    with pytest.raises(UserError, match=r"bases/data/ar: a base, which a recipe extends \(`extends: bases/data/ar`\)"):
        find_recipe("bases/data/ar")


@pytest.mark.parametrize("name", BASES)
def test_bases_say_what_they_are_and_fit_the_schema(name: str, registry: Registry) -> None:
    path = shipped_folder() / name
    schema = "../" * name.count("/") + "schema.json"
    assert path.read_text(encoding="utf-8").startswith(f"# yaml-language-server: $schema={schema}\n#\n# ")
    assert "summary" not in read_yaml(path)
    jsonschema.validate(read_yaml(path), json_schema(registry))


def test_every_base_is_used() -> None:
    files = [*shipped_folder().rglob("*.yaml")]
    used = {base for path in files for base in recipe_values.base_files(path)}
    assert used >= {(shipped_folder() / name).resolve() for name in BASES}


@pytest.mark.parametrize("name", sorted(shipped_recipes()))
def test_shipped_recipes_are_flat(name: str) -> None:
    assert recipe_values.depth(shipped_recipes()[name]) <= 3


def test_the_first_recipe_stands_alone() -> None:
    assert "extends" not in read_yaml(shipped_recipes()["vae_resnet"])


def test_a_changed_value_and_another_order_are_seen() -> None:
    before = recipe_values.flatten({"model": {"type": "svm", "normalise": "l2"}, "losses": {"a": {"w": 1}, "b": {}}})
    after = recipe_values.flatten({"model": {"type": "svm", "normalize": "l2"}, "losses": {"b": {}, "a": {"w": 2}}})
    assert recipe_values.differences(before, before) == []
    assert recipe_values.differences(before, after) == [
        "losses.a.w: 1 -> 2",
        "model.normalise: 'l2' -> 'absent'",
        "model.normalize: 'absent' -> 'l2'",
        "losses: the order ['a', 'b'] -> ['b', 'a']",
    ]


@pytest.mark.parametrize(
    ("pair", "path", "value"),
    [
        (("image.fit", "image.resize_mode"), "image.resize_mode.x", "given"),
        (("fit", "resize_mode"), "image.resize_mode.x", "given"),
        (("image", "pictures"), "pictures.fit.x", "given"),
        (("x:given", "true"), "image.fit.x", "true"),
        (("fit.x:given", "true"), "image.fit.x", "true"),
        (("x:generated", "true"), "image.fit.x", "given"),
        (("mage.fit", "other"), "image.fit.x", "given"),
    ],
)
def test_keys_and_values_that_were_renamed_are_mapped(pair: tuple[str, str], path: str, value: str) -> None:
    assert recipe_values.rename({"image.fit.x": "given", "seed": 1}, [pair]) == {path: value, "seed": 1}
