"""Two parts of one name: both are shown, neither is used, and a file is in no conflict with itself."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gcnet_core.plugin_api import Registry, discover
from tests.core.conftest import GOOD
from tests.runs import gcnet

BETWEEN = (
    "two plugins define the generator mirror: gcnet-first and gcnet-second; uninstall one of them, or leave it out "
    "with --no-plugin"
)


@pytest.fixture
def two(installed: Callable[..., None]) -> None:
    """Two distributions with a generator `mirror`."""
    installed(first=GOOD, second=GOOD.replace("flips", "flops"))


@pytest.mark.usefixtures("two")
def test_both_parts_of_a_conflict_are_shown() -> None:
    for name in ("mirror", "generator/mirror"):
        shown = gcnet("plugins", "show", name)
        assert (shown.returncode, shown.stderr) == (0, BETWEEN + "\n")
        assert "gcnet-first 1.2\n" in shown.stdout
        assert "gcnet-second 1.2\n" in shown.stdout
        assert "flips" in shown.stdout
        assert "flops" in shown.stdout
    answers = json.loads(gcnet("plugins", "show", "mirror", "--json").stdout)
    assert [answer["from"] for answer in answers] == ["gcnet-first 1.2", "gcnet-second 1.2"]
    listed = json.loads(gcnet("plugins", "list", "--json").stdout)
    (row,) = (part for part in listed["parts"] if part["name"] == "mirror")
    assert row["conflict"] == ["gcnet-first", "gcnet-second"]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("name", ["mirror", "generator/mirror"])
def test_a_conflict_is_not_checked_but_told(name: str) -> None:
    checked = gcnet("plugins", "check", name)
    assert (checked.returncode, checked.stdout, checked.stderr) == (2, "", BETWEEN + "\n")


@pytest.mark.usefixtures("two")
def test_a_file_whose_part_exists_is_told_to_be_in_conflict(tmp_path: Path) -> None:
    (tmp_path / "third.py").write_text(GOOD.replace("{module}", "third").replace("flips", "third"))
    checked = gcnet("plugins", "check", "third.py", folder=tmp_path)
    assert checked.returncode == 2
    assert "the generator mirror: gcnet-first and gcnet-second and third.py; uninstall one" in checked.stderr


def test_a_file_that_is_named_twice_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "twice.py").write_text(GOOD.replace("{module}", "twice") + "\nclass Mirror: ...\n")
    monkeypatch.chdir(tmp_path)
    for sources in (["twice.py", "./twice.py"], [str(tmp_path / "twice.py"), "twice.py"], ["twice.py", "twice"]):
        registry = discover(sources)
        assert registry.conflicts == {}
        assert registry.find("generator", "mirror")
    checked = gcnet("plugins", "check", "twice.py", "--plugin", tmp_path / "twice.py", folder=tmp_path)
    assert "FAIL generator/mirror is_of_its_kind" in checked.stdout  # it was found, and checked


def test_one_of_two_can_be_left_out(install: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch) -> None:
    assert install(first=GOOD, second=GOOD).find("generator", "mirror") is None
    monkeypatch.setenv("GCNET_PLUGINS", "-second")
    assert discover().parts["generator", "mirror"].origin == "the generator mirror of gcnet-first 1.2"
