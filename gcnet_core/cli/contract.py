"""What `gcnet plugins check` asks of a part, and how it tells what came out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gcnet_core.output.streams import tell

if TYPE_CHECKING:
    from gcnet_core.testing import Case, Check, Result

MARKS = {"kept": "ok  ", "broken": "FAIL", "unexpected": "FAIL"}


@dataclass(frozen=True)
class Choice:
    """Which checks are run, and what is known of them.

    Args:
        only: names of the checks that are wanted; empty: all.
        skip: names of checks that are not run.
        expected: by the name of a check, why it is known to fail.
    """

    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    expected: Mapping[str, str] = field(default_factory=dict)

    def of(self, kinds: Iterable[str]) -> "dict[str, list[Check]]":
        """The chosen checks of some kinds of parts.

        Raises:
            UserError: if no kind has a check of a name that was given.
        """
        from gcnet_core.testing import checks_of
        from gcnet_core.testing.checks import refuse_unknown

        checks = {kind: checks_of(kind) for kind in kinds}
        names = {kind: {check.name for check in every} for kind, every in checks.items()}
        everything = [check for every in checks.values() for check in every]
        refuse_unknown([*self.only, *self.skip, *self.expected], everything, " or ".join(checks))
        return {
            kind: checks_of(kind, only=self.only & names[kind], skip=self.skip & names[kind])
            for kind in checks
            if not self.only or self.only & names[kind]
        }


def judge(case: "Case", checks: "Sequence[Check]", expected: Mapping[str, str], *, quiet: bool) -> list[dict[str, Any]]:
    """Run checks on a part and print a line for each that says something: one for a root, none for what rests on it.

    Args:
        case: the part.
        checks: chosen for its kind.
        expected: failures, by the name of a check of any kind.
        quiet: print nothing.

    Returns:
        A row for each check, for scripts.
    """
    from gcnet_core.testing.examination import Examination, resting_on, with_roots

    every = with_roots(checks)
    examination = Examination(case, {check.name: expected[check.name] for check in every if check.name in expected})
    stopped: set[str] = set()
    rows = []
    for check in every:
        result = examination.result(check)
        consequences = set()
        if result.outcome in ("broken", "expected"):
            consequences = {other.name for other in resting_on(check, every)} - stopped
            stopped |= consequences
        rows.append(
            {
                "part": str(case.spec),
                "check": check.name,
                "outcome": result.outcome,
                "reason": result.reason,
                "root": result.root,
                "fault": result.fault,
            }
        )
        if not quiet and result.outcome != "not judged":
            tell(_line(str(case.spec), result, len(consequences)))
    if not quiet:
        tell(_summary(str(case.spec), rows))
    return rows


def _line(part: str, result: "Result", consequences: int) -> str:
    said = result.reason or result.check.promise
    if result.outcome in ("skipped", "expected"):
        said = f"{result.outcome}: {said}"
    others = "1 other was" if consequences == 1 else f"{consequences} others were"
    stopped = f"\n     {others} not judged, because they rest on it" if consequences else ""
    return f"{MARKS.get(result.outcome, '-   ')} {part} {result.check.name}: {said}{stopped}"


def _summary(part: str, rows: Sequence[Mapping[str, Any]]) -> str:
    counts = Counter(row["outcome"] for row in rows)
    outcomes = ("kept", "broken", "not judged", "skipped", "expected", "unexpected")
    shown = [f"{counts[outcome]} {outcome}" for outcome in outcomes if counts[outcome] or outcome in outcomes[:5]]
    return f"{part}: {', '.join(shown)}"
