"""Checks by name, and running all of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from gcnet_core.testing import common, detecting, estimates, learning
from gcnet_core.testing.case import Case

OF_KIND = {"generator": (estimates.CHECKS, learning.CHECKS), "detector": (detecting.CHECKS,)}


@dataclass(frozen=True)
class Check:
    """One promise of a kind of part.

    Args:
        name: by which it is reported.
        promise: one line.
        run: raises if the part does not keep it.
    """

    name: str
    promise: str
    run: Callable[[Case], None]

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Result:
    """How one check ended; `fault` is None if the promise is kept."""

    check: Check
    fault: str | None


def checks_of(kind: str) -> list[Check]:
    """All checks of a kind of part, simple ones first."""
    functions = chain(common.CHECKS, *OF_KIND.get(kind, ()))
    return [Check(run.__name__, (run.__doc__ or "").strip().splitlines()[0], run) for run in functions]


def run_checks(case: Case, chosen: Iterable[Check] | None = None) -> Iterable[Result]:
    """Run the checks of a part, one after the other; a fault of one does not stop the others."""
    for check in chosen or checks_of(case.kind):
        try:
            check.run(case)
        except Exception as error:  # whatever a part does wrong is its fault, not the kit's
            yield Result(check, f"{type(error).__name__}: {' '.join(str(error).split())}"[:500])
        else:
            yield Result(check, None)
