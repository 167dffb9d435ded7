"""docs/tutorial.md can be followed: its files are written, its commands are run, its figure is made."""

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fresh import installed, run
from tests.runs import gcnet

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL))
FEW = ("--smoke", "--set", "data.subjects=12", "--set", "report.tsne=false")
COMMANDS = [shlex.split(line) for line in re.findall(r"^    gcnet (.+)$", PAGE, re.MULTILINE)]


def test_nothing_is_forgotten() -> None:
    assert set(FILES) == {
        "blocks.py", "blocks.yaml", "pyproject.toml", "gcnet_blocks/__init__.py", "tests/test_contract.py",
    }  # fmt: skip
    assert len(COMMANDS) == 7


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the reader works, with the files of the first sections."""
    folder = tmp_path_factory.mktemp("reader")
    for name in ("blocks.py", "blocks.yaml"):
        (folder / name).write_text(FILES[name])
    return folder


def test_one_file_from_nothing_to_a_figure(folder: Path) -> None:
    show, check, check_recipe = (gcnet(*words, folder=folder) for words in COMMANDS[:3])
    train = gcnet(*COMMANDS[3], *FEW, folder=folder)
    assert "channels = 64" in show.stdout
    not_kept = [line.split()[2] for line in check.stdout.splitlines() if line.startswith(("FAIL", "-"))]
    assert not_kept == ["is_registered_without_torch:", "starts_the_same_in_another_process:"]  # both skipped
    assert check.stdout.count("ok   generator/blocks ") >= 20
    assert check_recipe.stdout == "blocks.yaml: ok\n"
    assert [answer.returncode for answer in (show, check, check_recipe, train)] == [0, 0, 0, 0], train.stderr
    (figure,) = re.findall(r"`(runs/blocks/figures/[^`]+)`", PAGE)
    assert (folder / figure).is_file()
    assert (folder / "runs/blocks/report.html").is_file()


def test_the_package_is_found_without_being_named(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("pyproject.toml", "gcnet_blocks/__init__.py", "tests/test_contract.py"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(FILES[name])
    (head,) = re.findall(r"```python\n(from gcnet_blocks import .*?)```", PAGE, re.DOTALL)
    (network,) = re.findall(r"^class Blocks\(.*?(?=\n\n\n)", FILES["blocks.py"], re.DOTALL | re.MULTILINE)
    (source / "gcnet_blocks" / "generator.py").write_text(f"{head}\n\n{network}\n")
    command = [installed(tmp_path, source), "-m", "gcnet_core.cli"]
    away = tmp_path / "away"
    away.mkdir()
    (away / "blocks.yaml").write_text(FILES["blocks.yaml"])
    check, train, new = COMMANDS[4:]
    checked = run([*command, *check], away)
    assert "FAIL" not in checked
    assert checked.count("ok   generator/blocks ") >= 20
    run([*command, *train, *FEW, "--output", "run"], away)
    assert "image size 50 is no multiple of 4" in run([*command, *train, "--set", "image.size=50"], away, expected=2)
    assert "has a generator blocks already" in run([*command, *new], away, expected=2)
