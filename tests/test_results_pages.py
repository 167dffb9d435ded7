"""The pages of results are honest: every table has its command, every figure its place in the lab, leads stay apart."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from gcnet_core.runs import Predictions, Run
from tests.conftest import ROOT
from tests.core.fake_run import CLASSES, write_fake_run

RESULTS = ROOT / "docs" / "results.md"
LAB = sorted(ROOT.glob("docs/lab/*.md"))
WHOLE = [*LAB, ROOT / "docs" / "album.md"]
"""Pages with measurements whole; that of albums is for users too."""
LEADS = ROOT / "docs" / "lab" / "leads.md"
LEAD = "> **Lead**, made by a script that is not part of the package: not to be quoted."

TABLE = re.compile(r"^(?! {4})[ >]*(?=.*\|)\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
"""The line below the head of a Markdown table; four spaces before it make it code."""
COMMAND = re.compile(r"^ {4}(gcnet|python) ")
SCRIPT = re.compile(r"\bscripts?\b")
DECIMAL = re.compile(r"\d+\.\d+")


def sections(text: str, deepest: int = 6) -> list[str]:
    """The text cut before every heading, down to a level; what is deeper stays with the section above it."""
    return re.split(rf"(?m)^(?=#{{1,{deepest}}} )", text)


def tables_without_command(text: str, deepest: int = 6) -> list[str]:
    """The head of each Markdown table that has no command above it in its section. A section of leads needs none."""
    found = []
    for section in sections(text, deepest):
        lines = section.splitlines()
        for number in (number for number, line in enumerate(lines) if TABLE.match(line)):
            if LEAD not in lines and not any(map(COMMAND.match, lines[:number])):
                found.append(lines[number - 1] if number else "")
    return found


def tables(text: str) -> int:
    """How many Markdown tables there are."""
    return sum(bool(TABLE.match(line)) for line in text.splitlines())


@pytest.mark.parametrize("rule", ["| --- | --: |", "|---|---|", "|:--|:-:|", "--- | ---", "| - | - |", "| --- |"])
def test_a_table_without_a_command_is_found(rule: str) -> None:
    table = f"| recipe | accuracy |\n{rule}\n| cnn | 86.3 |\n"
    command = "    gcnet compare a b\n"
    assert tables_without_command(f"# Page\n\n{table}") == ["| recipe | accuracy |"]
    assert tables_without_command(f"# Page\n\n{command}\n## Other section\n\n{table}")
    assert tables_without_command(f"# Page\n\n{table}\n{command}"), "a command below belongs to the next table"
    assert tables_without_command(f"# Page\n\nRun gcnet compare a b\n\n{table}"), "not a line that can be copied"
    assert tables_without_command(f"# Page\n\n> {LEAD}\n\n{table}"), "not the mark"
    assert not tables_without_command(f"# Page\n\n{command}\n{table}")
    assert not tables_without_command(f"# Page\n\n    python tests/benchmarks/x.py\n\n{table}\n{table}")
    assert not tables_without_command(f"# Page\n\n{LEAD}\n\n{table}")
    assert not tables_without_command("# Page\n\nText - with dashes\n---\n\n    | --- | in code |\n")


def test_a_lab_table_may_take_the_command_of_the_section_above() -> None:
    text = "## Above\n\n    gcnet run a\n\n### Below\n\n| a |\n| --- |\n"
    assert tables_without_command(text) == ["| a |"]
    assert not tables_without_command(text, deepest=2)


def test_every_table_of_the_results_has_its_command() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    assert tables(text) == 2
    assert not tables_without_command(text)


@pytest.mark.parametrize("page", WHOLE, ids=lambda page: page.name)
def test_every_table_of_the_lab_has_its_command(page: Path) -> None:
    assert not tables_without_command(page.read_text(encoding="utf-8"), deepest=2)


def test_the_tables_of_the_lab_are_seen() -> None:
    assert sum(tables(page.read_text(encoding="utf-8")) for page in LAB) >= 40


def test_every_row_of_the_results_names_its_command() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[.*\| (\w+) \|$", text, re.MULTILINE)
    assert len(rows) == 15
    assert set(rows) == set(re.findall(r"^    # (\w+)\b(?! is above)", text, re.MULTILINE))


def test_every_figure_of_the_results_stands_in_the_lab() -> None:
    lab = "\n".join(page.read_text(encoding="utf-8") for page in WHOLE if page != LEADS)
    figures = set(DECIMAL.findall(RESULTS.read_text(encoding="utf-8")))
    assert len(figures) > 50
    assert not figures - set(DECIMAL.findall(lab))


def test_leads_stand_on_their_page_alone_and_are_marked() -> None:
    first, *leads = sections(LEADS.read_text(encoding="utf-8"), deepest=2)[1:]
    assert first.startswith("# Leads")
    assert not tables(first)
    assert len(leads) >= 6
    assert not [lead.splitlines()[0] for lead in leads if LEAD not in lead.splitlines()]
    index = ROOT / "docs" / "lab" / "README.md"  # says what the page of leads is
    for page in {RESULTS, *LAB} - {LEADS, index}:
        assert not SCRIPT.search(page.read_text(encoding="utf-8")), page


def test_every_page_of_the_lab_is_in_its_index() -> None:
    index = (ROOT / "docs" / "lab" / "README.md").read_text(encoding="utf-8")
    entries = re.findall(r"^- \[.*?\]\((\w+\.md)\)", index, re.MULTILINE)
    assert sorted([*entries, "README.md"]) == sorted(page.name for page in LAB)


@pytest.fixture(scope="module")
def make_results() -> ModuleType:
    """docs/make_results.py."""
    spec = importlib.util.spec_from_file_location("make_results", ROOT / "docs" / "make_results.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_runs_become_rows(make_results: ModuleType, tmp_path: Path) -> None:
    runs = [write_fake_run(tmp_path / "gcnet"), write_fake_run(tmp_path / "cnn", generator=False)]
    assert make_results.RESAMPLES >= 1000
    head, rule, first, second = make_results.table(runs).splitlines()
    assert len({line.count("|") for line in (head, rule, first, second)}) == 1
    right = [Predictions.read_csv(run / "predictions.csv").correct for run in runs]
    for line, correct in zip((first, second), right, strict=True):
        assert f"| **{100 * correct.mean():.1f}** (" in line
    assert "(copy 0." in first
    assert f"| {100 * (right[0].mean() - right[1].mean()):+.1f} (" in second


def test_the_difference_is_over_people(make_results: ModuleType, tmp_path: Path) -> None:
    """Every person's pictures gain alike, so no resample of people can differ, however few pictures there are."""
    names = tuple(f"{person}-{picture}" for person in range(3) for picture in range(4))
    people = tuple(name[0] for name in names)
    truth = np.zeros(12, dtype=np.int64)
    first, second = np.eye(len(CLASSES))[:2]
    right, half = np.tile(first, (12, 1)), np.tile([first, second], (6, 1))
    for folder, answers in (("right", right), ("half", half)):
        write_fake_run(tmp_path / folder)
        Predictions(names, people, truth, answers, CLASSES).write_csv(tmp_path / folder / "predictions.csv")
    better, worse = Run(tmp_path / "right"), Run(tmp_path / "half")
    assert make_results.difference(better, worse) == "+50.0 (+50.0 to +50.0)"
    assert make_results.difference(worse, better) == "-50.0 (-50.0 to -50.0)"
