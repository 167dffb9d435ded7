"""docs/parts.md holds a plugin of each kind that can be followed: written, checked and used as the page says."""

import contextlib
import re
import runpy
import shlex
from pathlib import Path

import pytest

from gcnet_core.plugin_api import KINDS
from tests.conftest import ROOT
from tests.in_process import jobs_in_process
from tests.runs import gcnet

PAGE = (ROOT / "docs" / "parts.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## An? (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))
FILE = re.compile(r'```\w+ title="([^"]+)"\n(.*?)```', re.DOTALL)
FILES = {kind: dict(FILE.findall(text)) for kind, text in SECTIONS.items()}
COMMANDS = {kind: re.findall(r"^    (.+)$", FILE.sub("", text), re.MULTILINE) for kind, text in SECTIONS.items()}
SMALL = ("--smoke", "--set", "report.tsne=false", "--set", "image.size=32", "--set", "evaluation.bootstrap=100")
FEWER = ("--set", "data.subjects=8", "--set", "data.images_per_expression=1")
FEW = "data: {subjects: 2, images_per_expression: 1}"


def test_every_kind_has_an_example_that_is_used() -> None:
    assert list(SECTIONS) == list(KINDS)
    for kind in KINDS:
        plugin = next(iter(FILES[kind]))
        assert 15 <= len(FILES[kind][plugin].splitlines()) <= 45, plugin
        assert any(command.startswith(f"gcnet plugins check {plugin}") for command in COMMANDS[kind])
        assert f"--plugin {plugin}" in COMMANDS[kind][-1]


@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_the_contract_and_is_used(kind: str, tmp_path: Path) -> None:
    for name, text in FILES[kind].items():
        (tmp_path / name).write_text(re.sub(r"(subjects\W+)40", r"\g<1>8", text))
    for command in COMMANDS[kind]:
        follow(shlex.split(command), kind, tmp_path)


def follow(command: list[str], kind: str, folder: Path) -> None:
    """Call one command of the page, with fewer faces and steps, and look at what it says or leaves."""
    match command:
        case ["python", script]:
            with contextlib.chdir(folder):
                runpy.run_path(script)
        case ["gcnet", "plugins", "check", *words]:
            answer = gcnet("plugins", "check", *words, folder=folder)
            assert answer.returncode == 0, answer.stdout
            assert answer.stdout.count(f"ok   {kind}/") >= 12
        case ["gcnet", "run", *words]:
            answer = gcnet("run", *words, *SMALL, "--output", "run", folder=folder)
            assert answer.returncode == 0, answer.stderr
            assert (folder / "run" / "report.html").is_file()
        case ["gcnet", "data", "prepare", source, *words]:
            (folder / "few.yaml").write_text(f"extends: {source}\n{FEW}\n")
            answer = gcnet("data", "prepare", "few.yaml", *words, folder=folder)
            assert answer.returncode == 0, answer.stderr
            assert (folder / words[0] / "manifest.csv").is_file()
        case ["gcnet", "compare", *words]:
            words = [word.replace("pause=60", "pause=0") for word in words]
            with jobs_in_process():
                answer = gcnet("compare", *words, *SMALL, *FEWER, "--folds", "0", "--output", "out", folder=folder)
            assert answer.returncode == 0, answer.stderr
            assert (folder / "out" / "report.html").is_file()
        case _:
            pytest.fail(f"nobody follows: {' '.join(command)}")
