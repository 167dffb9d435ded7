"""Examination: the checks of one part, each run once and after those that it rests on."""

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from gcnet_core.plugin_api import MissingData
from gcnet_core.testing.case import Case, DoesNotApply
from gcnet_core.testing.check import Check, Result

FAILED = ("broken", "expected", "not judged")
AFTERWARDS = "afterwards"
"""Tag of checks that use a part in every way, and are judged only of one that keeps its other promises."""


class Examination:
    """Judges promises of one part and remembers how each ended.

    A broken promise stops only those that rest on it. Where several are broken, the first is named as the root.

    Args:
        case: the part under test.
        expected_failures: by the name of a check, why the part is known to break it.
    """

    def __init__(self, case: Case, expected_failures: Mapping[str, str] | None = None) -> None:
        self.case = case
        self.expected = dict(expected_failures or {})
        self.results: dict[str, Result] = {}

    def result(self, check: Check) -> Result:
        """How a check ended; those that it rests on are run first."""
        if check.name not in self.results:
            for needed in check.needs:
                self.result(needed)
            self.results[check.name] = self._judge(check)
        return self.results[check.name]

    def _judge(self, check: Check) -> Result:
        root = self._root_of(check)
        if root:
            return Result(check, "not judged", f"it rests on {root}, which is not kept", root)
        if "deterministic" in check.tags and "stochastic" in self.case.tags:
            return Result(check, "skipped", "the part has the tag stochastic")
        expected = self.expected.get(check.name)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # what a part prints is not of the report
                check.run(self.case)
        except DoesNotApply as reason:
            return Result(check, "skipped", str(reason))
        except MissingData as missing:  # a data set whose files are elsewhere is not broken
            return Result(check, "skipped", f"its files are not there: {' '.join(str(missing).split())}")
        except (Exception, SystemExit) as error:  # whatever a part does wrong is its fault, not the kit's
            if expected is not None:
                return Result(check, "expected", expected, error=error)
            return Result(check, "broken", f"{type(error).__name__}: {' '.join(str(error).split())}"[:500], error=error)
        if expected is not None:
            said = f"it was expected to fail ({expected}), and is kept; expect it no more"
            return Result(check, "unexpected", said)
        return Result(check, "kept")

    def _root_of(self, check: Check) -> str:
        """The first broken promise among those that a check rests on, empty if there is none."""
        failed = [self.results[needed.name] for needed in check.needs if self.results[needed.name].outcome in FAILED]
        if AFTERWARDS in check.tags:
            failed += [result for result in self.results.values() if result.outcome == "broken"]
        roots = {result.root or result.check.name for result in failed}
        return next((name for name in self.results if name in roots), "")


def with_roots(chosen: Iterable[Check]) -> list[Check]:
    """The chosen checks, each after those that it rests on, each once."""
    return list({check.name: check for check in chain.from_iterable(map(_roots_first, chosen))}.values())


def resting_on(check: Check, chosen: Iterable[Check]) -> list[Check]:
    """Those of the chosen checks that cannot be judged where this one is broken."""
    others = [other for other in chosen if other.name != check.name]
    return [other for other in others if AFTERWARDS in other.tags or check.name in map(repr, _roots_first(other))]


def _roots_first(check: Check) -> Iterator[Check]:
    for needed in check.needs:
        yield from _roots_first(needed)
    yield check
