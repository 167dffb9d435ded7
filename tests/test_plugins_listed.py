"""A folder in plugins/ is a plugin: whatever lists the plugins of this repository names all of them, and no other."""

import importlib.util
import tomllib
from collections.abc import Iterable
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.conftest import PLUGINS, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER = PROJECT["tool"]["importlinter"]
LAYERS = {"gcnet_layers"}
"""What several plugins share: packages without a part, below the plugins."""
WITH_PARTS = set(PLUGINS) - LAYERS


def assert_complete(found: Iterable[str], expected: Iterable[str], place: str, entry: str) -> None:
    """Compare a list of pyproject.toml with the folders.

    Args:
        found: what is listed.
        expected: what there is.
        place: of the list, for the message.
        entry: how `{name}`, or `{short}` without gcnet_, is written there.
    """
    missing, unknown = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    to_add = [entry.format(name=name, short=name.removeprefix("gcnet_")) for name in missing]
    told = [f"pyproject.toml, {place}: add {line}" for line in to_add]
    told += [f"pyproject.toml, {place}: remove {name}, which is no folder in plugins/" for name in unknown]
    if told:
        pytest.fail("\n".join(told))


def plugins_contract() -> dict[str, Any]:
    """The rule of import-linter by which no plugin imports another."""
    (contract,) = (contract for contract in LINTER["contracts"] if "plugins do not know each other" in contract["name"])
    return contract


def test_every_plugin_has_an_entry_point() -> None:
    entry_points = PROJECT["project"]["entry-points"]["gcnet.plugins"]
    place = '[project.entry-points."gcnet.plugins"]'
    assert_complete(entry_points.values(), WITH_PARTS, place, '{short} = "{name}"')
    assert all(name == package.removeprefix("gcnet_") for name, package in entry_points.items())


def test_the_layer_rules_see_every_plugin() -> None:
    place = "[tool.importlinter] root_packages"
    assert_complete(LINTER["root_packages"], {*PLUGINS, "gcnet_core"}, place, '"{name}"')


def test_no_plugin_knows_another_without_exception() -> None:
    contract = plugins_contract()
    plugins, *below = contract["layers"]
    assert_complete(plugins.split(" | "), WITH_PARTS, f"{contract['name']}: first layer", "{name}")
    assert below == [*sorted(LAYERS), "gcnet_core"]
    assert "ignore_imports" not in contract


def test_the_wheel_holds_every_plugin_and_the_recipes() -> None:
    files = {file.distribution_path for file in WheelBuilder(str(ROOT)).recurse_included_files()}
    assert {path.split("/")[0] for path in files} == {*PLUGINS, "gcnet_core"}
    assert {f"{name}/__init__.py" for name in PLUGINS} <= files
    assert "gcnet_core/shipped_recipes/vae_resnet.yaml" in files


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_is_a_package_with_a_readme(name: str) -> None:
    missing = [file for file in ("__init__.py", "README.md") if not (ROOT / "plugins" / name / file).is_file()]
    assert not missing, f"plugins/{name} lacks {' and '.join(missing)}"


@pytest.mark.parametrize("name", PLUGINS)
def test_shapes_of_a_plugin_are_checked_while_tests_run(name: str) -> None:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert type(spec.loader).__module__.startswith("jaxtyping"), "the import hook of tests/conftest.py passes it over"


def test_what_to_write_where_is_told() -> None:
    with pytest.raises(pytest.fail.Exception) as told:
        assert_complete(["gcnet_gan", "gcnet_old"], ["gcnet_gan", "gcnet_new"], "here", '{short} = "{name}"')
    assert str(told.value).splitlines() == [
        'pyproject.toml, here: add new = "gcnet_new"',
        "pyproject.toml, here: remove gcnet_old, which is no folder in plugins/",
    ]
