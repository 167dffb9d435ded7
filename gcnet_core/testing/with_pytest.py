"""The contract as tests of pytest, which is imported when it is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from gcnet_core.testing.case import Case
from gcnet_core.testing.check import Check
from gcnet_core.testing.checks import checks_of, refuse_unknown
from gcnet_core.testing.examination import Examination

if TYPE_CHECKING:
    import pytest


def parametrize_with_checks(
    *cases: Case,
    expected_failures: Mapping[str, str] | None = None,
    only: Collection[str] = (),
    skip: Collection[str] = (),
) -> "pytest.MarkDecorator":
    """Parametrize a test function, with the arguments `case` and `check`, by every check of some parts.

    A check whose root is broken is skipped, an expected failure is an xfail, and one that passes nevertheless fails.

    Args:
        cases: parts under test.
        expected_failures: by the name of a check, why the parts are known to break it.
        only: names of the checks that are wanted; default: all.
        skip: names of checks that are not run.

    Raises:
        UserError: if there is no check of such a name.
    """
    import pytest

    parameters = []
    for case in cases:
        refuse_unknown(expected_failures or (), checks_of(case.kind), case.kind)
        examination = Examination(case, expected_failures)
        for check in checks_of(case.kind, only=only, skip=skip):
            parameters.append(pytest.param(case, _told_to_pytest(check, examination), id=f"{case.name}-{check.name}"))
    return pytest.mark.parametrize(("case", "check"), parameters)


def _told_to_pytest(check: Check, examination: Examination) -> Check:
    """The same check, whose `run` skips and fails in pytest's words."""

    def run(case: Case) -> None:
        import pytest

        result = examination.result(check)
        if result.outcome == "broken" and result.error is not None:
            raise result.error
        if result.outcome == "unexpected":
            pytest.fail(result.reason, pytrace=False)
        if result.outcome == "expected":
            pytest.xfail(result.reason)
        if result.outcome in ("skipped", "not judged"):
            pytest.skip(result.reason)

    return replace(check, run=run)
