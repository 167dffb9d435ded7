"""docs/tutorial.md can be followed: its files are written, its commands are run, its figure is made."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.fresh import installed, run

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', PAGE, re.DOTALL))
COMMANDS = [shlex.split(line) for line in re.findall(r"^    gcnet (.+)$", PAGE, re.MULTILINE)]
GCNET = [sys.executable, "-m", "gcnet_core.cli"]


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
    show, check, check_recipe, train = COMMANDS[:4]
    assert "channels = 64" in run([*GCNET, *show], folder)
    answers = run([*GCNET, *check], folder, expected=1).splitlines()
    assert [line.split()[2] for line in answers if line.startswith("FAIL")] == ["is_registered_without_torch:"]
    assert "ok" in run([*GCNET, *check_recipe], folder)
    run([*GCNET, *train, "--smoke"], folder)
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
    command = [installed(source, tmp_path), "-m", "gcnet_core.cli"]
    away = tmp_path / "away"
    away.mkdir()
    (away / "blocks.yaml").write_text(FILES["blocks.yaml"])
    check, train, new = COMMANDS[4:]
    assert "FAIL" not in run([*command, *check], away)
    run([*command, *train, "--smoke", "--output", "run"], away)
    assert "image size 50 is no multiple of 4" in run([*command, *train, "--set", "image.size=50"], away, expected=2)
    assert "has a generator blocks already" in run([*command, *new], away, expected=2)
