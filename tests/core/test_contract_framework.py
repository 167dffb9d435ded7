"""The contract kit tells the root alone, what was expected and what does not apply, and runs chosen checks."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from gcnet_core.plugin_api import UserError, discover
from gcnet_core.testing import (
    Case,
    Check,
    ContractError,
    DoesNotApply,
    check,
    checks_of,
    parametrize_with_checks,
    run_checks,
)
from gcnet_core.testing.checks import OF_KIND
from gcnet_core.testing.examination import resting_on
from tests.runs import gcnet

ONE_FILE = '''
import torch
from torch import nn

from gcnet_core.interfaces import Generator
from gcnet_core.plugin_api import ComponentSpec, GeneratorConfig, hookimpl


class Config(GeneratorConfig):
    """Options."""


@hookimpl
def gcnet_components():
    return [
        ComponentSpec(kind="generator", name="one", config=Config, target=f"{__name__}:One", summary="in one file")
    ]


class One(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        self.body = nn.Conv2d(context.image.channels, context.image.channels, 1)

    def forward(self, query):
        return torch.sigmoid(self.body(query))
'''


@check()
def first(case: Case) -> None:
    """The root."""
    raise ContractError("broken at the root")


@check(first)
def second(case: Case) -> None:
    """It rests on the first."""


@check(second, tags=("deterministic",))
def third(case: Case) -> None:
    """It rests on the second."""


@check()
def apart(case: Case) -> None:
    """It does not apply."""
    raise DoesNotApply("there is nothing to look at")


@pytest.fixture
def case(tmp_path: Path) -> Case:
    file = tmp_path / "one_file_part.py"
    file.write_text(ONE_FILE)
    return Case("generator", "one", {}, discover([str(file)]))


def outcomes(case: Case, *chosen: Check, **options: object) -> dict[str, tuple[str, str]]:
    return {result.check.name: (result.outcome, result.root) for result in run_checks(case, chosen, **options)}  # type: ignore[arg-type]


@pytest.fixture
def of_generators(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OF_KIND, "generator", (first, second, third, apart))


def test_what_rests_on_a_broken_promise_is_not_judged(case: Case, of_generators: None) -> None:
    assert outcomes(case, third, apart) == {
        "first": ("broken", ""),
        "second": ("not judged", "first"),
        "third": ("not judged", "first"),
        "apart": ("skipped", ""),
    }
    assert [entry.name for entry in resting_on(first, [apart, second, third])] == ["second", "third"]


def test_an_expected_failure_is_no_fault_and_one_that_did_not_come_is(case: Case, of_generators: None) -> None:
    kept = replace(first, run=lambda case: None)
    (expected,) = run_checks(case, [first], {"first": "known"})
    (unexpected,) = run_checks(case, [kept], {"first": "known"})
    assert (expected.outcome, expected.fault, expected.reason) == ("expected", None, "known")
    assert unexpected.outcome == "unexpected"
    assert "expect it no more" in str(unexpected.fault)
    assert outcomes(case, second, expected_failures={"first": "known"})["second"] == ("not judged", "first")


def test_checks_are_chosen_by_name(case: Case, of_generators: None) -> None:
    assert [entry.name for entry in checks_of("generator", only=["second", "apart"])] == ["second", "apart"]
    without = checks_of("generator", only=["third"], skip=["first"])
    assert outcomes(case, *without) == {"second": ("kept", ""), "third": ("kept", "")}
    with pytest.raises(UserError, match="no check of a generator is called secnd; did you mean second"):
        checks_of("generator", skip=["secnd"])
    with pytest.raises(UserError, match="did you mean third"):
        list(run_checks(case, [first], {"thrid": "known"}))


def test_tags_say_what_does_not_apply(case: Case, monkeypatch: pytest.MonkeyPatch, of_generators: None) -> None:
    monkeypatch.setattr(case.spec.config, "tags", frozenset({"stochastic", "needs_gpu"}))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    (result,) = run_checks(case, checks_of("generator", only=["third"], skip=["first", "second"]))
    assert (result.outcome, result.reason) == ("skipped", "the part has the tag stochastic")
    *_, built = run_checks(case, checks_of("generator", only=["starts_the_same_under_a_seed"]))
    assert built.outcome == "skipped"
    assert "there is no GPU here" in built.reason


def test_one_file_may_import_torch(case: Case) -> None:
    (result,) = run_checks(case, checks_of("generator", only=["is_registered_without_torch"]))
    assert result.outcome == "skipped"
    assert "one file" in result.reason


def test_pytest_is_told_in_its_own_words(case: Case, of_generators: None) -> None:
    mark = parametrize_with_checks(case, expected_failures={"first": "known"}, only=["first", "second", "apart"])
    names, parameters = mark.args
    assert names == ("case", "check")
    assert [parameter.id for parameter in parameters] == ["one-first", "one-second", "one-apart"]
    for parameter, outcome in zip(parameters, (pytest.xfail.Exception, *2 * [pytest.skip.Exception]), strict=True):
        part, asked = parameter.values
        with pytest.raises(outcome):
            asked.run(part)
    _, (broken,) = parametrize_with_checks(case, only=["first"]).args
    with pytest.raises(ContractError, match="broken at the root"):
        broken.values[1].run(case)


def test_the_command_names_the_root_and_counts_the_rest(tmp_path: Path) -> None:
    (tmp_path / "one_broken.py").write_text(
        ONE_FILE.replace("__init__(self, config, context):", "__init__(self, context):")
    )
    said = gcnet("plugins", "check", "one_broken.py", folder=tmp_path)
    assert said.returncode == 1
    assert said.stdout.count("FAIL") == 1
    assert "FAIL generator/one is_of_its_kind: PluginError" in said.stdout
    last = said.stdout.strip().splitlines()[-1]
    counts = re.fullmatch(r"generator/one: (\d+) kept, 1 broken, (\d+) not judged, (\d+) skipped, 0 expected", last)
    assert counts
    assert sum(map(int, counts.groups())) + 1 == len(checks_of("generator"))
    assert f"{counts[2]} others were not judged" in said.stdout
    known = gcnet("plugins", "check", "one_broken.py", "--expect", "is_of_its_kind=not yet", "--json", folder=tmp_path)
    assert known.returncode == 0
    rows = {row["check"]: row for row in json.loads(known.stdout)}
    assert rows["is_of_its_kind"]["outcome"] == "expected"
    assert rows["learns_sixteen_images"] | {"part": ""} == {
        "part": "",
        "check": "learns_sixteen_images",
        "outcome": "not judged",
        "reason": "it rests on is_of_its_kind, which is not kept",
        "root": "is_of_its_kind",
        "fault": None,
    }


def test_the_command_chooses(tmp_path: Path) -> None:
    (tmp_path / "one_good.py").write_text(ONE_FILE)
    chosen = gcnet("plugins", "check", "one_good.py", "--only", "describes_its_options", folder=tmp_path)
    assert chosen.returncode == 0
    assert chosen.stdout.splitlines()[-1] == "generator/one: 1 kept, 0 broken, 0 not judged, 0 skipped, 0 expected"
    wrong = gcnet("plugins", "check", "one_good.py", "--skip", "describe_its_options", folder=tmp_path)
    assert wrong.returncode == 2
    assert "did you mean describes_its_options" in wrong.stderr
    bare = gcnet("plugins", "check", "one_good.py", "--expect", "describes_its_options", folder=tmp_path)
    assert bare.returncode == 2
    assert "expected CHECK=REASON" in bare.stderr
