"""`gcnet plugins new` writes a distribution that a stranger can build, install, check and run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.scaffold import kinds, write_distribution
from tests.fresh import installed, run
from tests.runs import gcnet


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new distribution, by the command."""
    folder = tmp_path_factory.mktemp("author")
    answer = gcnet("plugins", "new", "my-blocks", "--kind", "generator", folder=folder)
    assert answer.returncode == 0, answer.stderr
    assert "gcnet plugins check my_blocks" in answer.stdout
    return folder / "gcnet-my-blocks"


def test_everything_is_there(written: Path) -> None:
    assert {path.relative_to(written).as_posix() for path in written.rglob("*") if path.is_file()} == {
        "README.md", "pyproject.toml", "recipe.yaml", "tests/test_contract.py", "gcnet_my_blocks/__init__.py",
        "gcnet_my_blocks/config.py", "gcnet_my_blocks/generator.py",
    }  # fmt: skip
    assert len((written / "gcnet_my_blocks" / "generator.py").read_text().splitlines()) < 40
    assert not [path for path in written.rglob("*") if path.is_file() and "{{" in path.read_text()]


def test_the_code_is_clean(written: Path) -> None:
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", "."]
        answer = subprocess.run(command, cwd=written, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_its_own_tests_pass_and_it_runs_from_a_wheel(written: Path, tmp_path: Path) -> None:
    """Built, installed into a fresh environment, and used from an empty folder, where the source is out of reach."""
    away = tmp_path / "away"
    away.mkdir()
    command = [installed(written, tmp_path), "-m", "gcnet_core.cli"]
    listing = run([*command, "plugins"], away)
    assert any(line.split()[:3] == ["generator", "my_blocks", "gcnet-my-blocks"] for line in listing.splitlines())
    assert "broken" not in listing
    assert "channels = 64" in run([*command, "plugins", "show", "my_blocks"], away)
    (away / "recipe.yaml").write_text((written / "recipe.yaml").read_text())
    few = ("--smoke", "--set", "data.subjects=12", "--set", "report.tsne=false")
    run([*command, "run", "recipe.yaml", *few, "--output", "run"], away)
    assert (away / "run" / "report.html").is_file()
    assert "type: my_blocks" in (away / "run" / "recipe.yaml").read_text()
    (away / "test_contract.py").write_text((written / "tests" / "test_contract.py").read_text())
    report = run([command[0], "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_contract.py"], away)
    assert "failed" not in report
    assert "." * 20 in report


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("vae", "generator", "gcnet has a generator vae already; choose another name"),
        ("Mine", "generator", "Mine: the name of a part is lower-case letters, digits and underscores, a letter first"),
        ("2fast", "generator", "2fast: the name of a part is lower-case letters"),
        ("a.b", "generator", "a.b: the name of a part is lower-case letters"),
        ("class", "generator", "class is a word of Python; choose another name"),
        (
            "core",
            "generator",
            "core: there is a package gcnet_core already, which the new one would hide; choose another",
        ),
        ("losses", "generator", "losses: there is a package gcnet_losses already"),
        ("timm", "generator", "timm: there is a package gcnet_timm already"),
        ("datasets", "generator", "datasets: there is a package gcnet_datasets already"),
        ("mine", "backbone", "--kind backbone: there is no template of this kind; there are: generator"),
    ],
)
def test_names_that_cannot_be(name: str, kind: str, message: str, tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(UserError) as error:
        write_distribution(name, kind, tmp_path / "new", registry, "0.1.0")
    assert message in str(error.value)
    assert not list(tmp_path.iterdir())
    assert kinds() == ["generator"]


def test_the_name_of_an_installed_distribution_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even one whose package has another name."""
    (tmp_path / "gcnet_far_away-3.1.dist-info").mkdir()
    (tmp_path / "gcnet_far_away-3.1.dist-info" / "METADATA").write_text("Name: gcnet-far-away\nVersion: 3.1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UserError, match=r"far-away: gcnet-far-away 3\.1 is installed already; choose another name"):
        write_distribution("far-away", "generator", tmp_path / "new", Registry(), "0.1.0")


def test_nothing_is_overwritten_and_nothing_half_written(
    tmp_path: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(UserError, match="there is there already"):
        write_distribution("mine", "generator", tmp_path / "there", registry, "0.1.0")
    with pytest.raises(UserError, match="no such folder"):
        write_distribution("mine", "generator", tmp_path / "nowhere" / "new", registry, "0.1.0")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_distribution("mine", "generator", tmp_path / "new", registry, "0.1.0")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_the_command_says_what_is_wrong() -> None:
    answer = gcnet("plugins", "new", "vae")
    assert answer.returncode == 2
    assert "choose another name" in answer.stderr
    assert "Traceback" not in answer.stderr
