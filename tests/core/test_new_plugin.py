"""`gcnet plugins new` writes a distribution that a stranger can build, install, check and run."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gcnet_core.plugin_api import KINDS, Registry, UserError
from gcnet_core.scaffold import first_steps, kinds, write_distribution
from tests.fresh import installed, run
from tests.runs import gcnet

DRAWN = "extends: vae_resnet\ndata: {subjects: 8, images_per_expression: 1}\n"
OWN = ("generator", "model", "dataset")
"""Kinds whose contract is run by the tests that were written, which differ for these three; the others' by command."""
NO_RECIPE = ("detector", "engine")
"""Kinds that an option of a command chooses."""
FEW = ("--smoke", "--set", "report.tsne=false", "--set", "image.size=32", "--set", "evaluation.bootstrap=100")
CALLS = """
import json, sys
import pytest
from gcnet_core.cli import main
calls, tests = json.load(sys.stdin)
for words in calls:
    sys.argv = ["gcnet", *words]
    try:
        main()
    except SystemExit as end:
        if end.code:
            sys.exit(f"{words} ended with {end.code}")
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *tests]))
"""
"""Commands, then tests, in one process, which imports torch once."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A new distribution of each kind, by the command."""
    folder = tmp_path_factory.mktemp("author")
    for kind in KINDS:
        answer = gcnet("plugins", "new", f"my-{kind}", "--kind", kind, folder=folder)
        assert answer.returncode == 0, answer.stderr
        assert f"gcnet plugins check my_{kind}" in answer.stdout
    return {kind: folder / f"gcnet-my-{kind}" for kind in KINDS}


def test_there_is_one_for_every_kind() -> None:
    assert kinds() == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_there_and_short(written: dict[str, Path], kind: str) -> None:
    folder = written[kind]
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    package = {f"gcnet_my_{kind}/__init__.py", f"gcnet_my_{kind}/{kind}.py"}
    recipe = set() if kind in NO_RECIPE else {"recipe.yaml"}
    assert set(files) == {"README.md", "pyproject.toml", "tests/test_contract.py"} | package | recipe
    assert sum(len(files[name].read_text().splitlines()) for name in package) < 60
    assert not [name for name, path in files.items() if "{{" in path.read_text()]
    for step in first_steps(f"my_{kind}", kind):
        assert f"    {step}\n" in files["README.md"].read_text()


def test_the_code_is_clean(written: dict[str, Path]) -> None:
    for words in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *words, "--no-cache", *written.values()]
        answer = subprocess.run(command, capture_output=True, text=True)
        assert answer.returncode == 0, answer.stdout + answer.stderr


def test_they_are_used_from_wheels(written: dict[str, Path], tmp_path: Path) -> None:
    """Built, installed into a fresh environment, and used as each README says, where the source is out of reach."""
    away = tmp_path / "away"
    away.mkdir()
    (away / "drawn.yaml").write_text(DRAWN)
    for kind in KINDS:
        (away / f"test_{kind}.py").write_text((written[kind] / "tests" / "test_contract.py").read_text())
        if kind not in NO_RECIPE:
            (away / f"{kind}.yaml").write_text((written[kind] / "recipe.yaml").read_text())
    python = installed(tmp_path, *written.values())
    calls = [["plugins"], *(on_few_faces(step, kind) for kind in KINDS for step in first_steps(f"my_{kind}", kind))]
    calls = [words for words in calls if words[:2] != ["plugins", "check"] or words[2].removeprefix("my_") not in OWN]
    output = run([python, "-c", CALLS], away, given=json.dumps((calls, [f"test_{kind}.py" for kind in OWN])))
    assert not re.search(r"^(broken|FAIL)", output, re.MULTILINE)
    for kind in KINDS:
        assert re.search(rf"^ *{kind} +my_{kind} +gcnet-my-{kind} 0.1.0", output, re.MULTILINE)
        assert kind in OWN or output.count(f"ok   {kind}/my_{kind} ") >= 7
        assert (away / ("found/manifest.csv" if kind == "detector" else f"{kind}/report.html")).is_file()
    assert re.search(r"^\d+ passed", output, re.MULTILINE)


def on_few_faces(step: str, kind: str) -> list[str]:
    """A command of a README, to be called in a folder that others share."""
    _, *words = shlex.split(step)
    match words:
        case ["run", _]:
            few = () if kind == "dataset" else ("--set", "data.subjects=8", "--set", "data.images_per_expression=1")
            return ["run", f"{kind}.yaml", "--output", kind, *FEW, *few]
        case ["compare", _, *options]:
            return ["compare", "drawn.yaml", *options, "--folds", "0", "--output", kind, *FEW]
        case ["data", "prepare", _, folder, *options]:
            return ["data", "prepare", "drawn.yaml", "found" if kind == "detector" else folder, *options]
    return words


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("vae", "generator", "gcnet has a generator vae already; choose another name"),
        ("Mine", "generator", "Mine: the name of a part is lower-case letters, digits and underscores, a letter first"),
        ("2fast", "generator", "2fast: the name of a part is lower-case letters"),
        ("a.b", "generator", "a.b: the name of a part is lower-case letters"),
        ("tensor", "generator", "tensor: its class Tensor would hide one that it imports; choose another name"),
        ("encoder", "encoder", "encoder: its class Encoder would hide one that it imports; choose another name"),
        ("class", "generator", "class is a word of Python; choose another name"),
        (
            "core",
            "generator",
            "core: there is a package gcnet_core already, which the new one would hide; choose another",
        ),
        ("losses", "generator", "losses: there is a package gcnet_losses already"),
        ("timm", "generator", "timm: there is a package gcnet_timm already"),
        ("datasets", "generator", "datasets: there is a package gcnet_datasets already"),
        ("mine", "backbone", "--kind backbone: there is no template of this kind; there are: classifier, dataset"),
    ],
)
def test_names_that_cannot_be(name: str, kind: str, message: str, tmp_path: Path, registry: Registry) -> None:
    with pytest.raises(UserError) as error:
        write_distribution(name, kind, tmp_path / "new", registry, "0.1.0")
    assert message in str(error.value)
    assert not list(tmp_path.iterdir())


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
