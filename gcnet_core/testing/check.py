"""Check: one promise of a kind of part, the promises that it rests on, and how it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Literal

from gcnet_core.testing.case import Case, DoesNotApply
from gcnet_core.testing.environment.surroundings import restored_settings

__all__ = ["Check", "DoesNotApply", "Outcome", "Result", "check"]

Outcome = Literal["kept", "broken", "expected", "unexpected", "not judged", "skipped"]


@dataclass(frozen=True)
class Check:
    """One promise.

    Args:
        name: by which it is reported and chosen.
        promise: one line, exactly what is tested.
        run: raises `ContractError` if the part does not keep it, `DoesNotApply` if it does not make it.
        needs: promises without which this one cannot be judged; where one of them is broken, it alone is reported.
        tags: what the check is about: `deterministic`, for instance, is not asked of a stochastic part.
    """

    name: str
    promise: str
    run: Callable[[Case], None]
    needs: tuple["Check", ...] = ()
    tags: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        return self.name


def check(*needs: Check, tags: Sequence[str] = ()) -> Callable[[Callable[[Case], None]], Check]:
    """Make a check of a function; its name and the first line of its docstring name it and say what it promises.

    What a part sets globally during a check is put back at its end.

    Args:
        needs: checks without which this one cannot be judged.
        tags: of the check.
    """

    def made(run: Callable[[Case], None]) -> Check:
        promise = (run.__doc__ or "").strip().splitlines()[0]

        @wraps(run)
        def isolated(case: Case) -> None:
            with restored_settings():
                run(case)

        return Check(run.__name__, promise, isolated, needs, frozenset(tags))

    return made


@dataclass(frozen=True)
class Result:
    """How one check ended.

    Args:
        check: that was run.
        outcome: `kept`, `broken`; `expected` and `unexpected` where its failure was announced; `not judged` because a
            promise that it rests on is broken; `skipped` because it does not apply.
        reason: why it is not `kept`; empty if it is.
        root: name of the broken promise because of which it was not judged.
        error: that the check raised, with its traceback, where it is broken or expected to be.
    """

    check: Check
    outcome: Outcome
    reason: str = ""
    root: str = ""
    error: BaseException | None = field(default=None, compare=False, repr=False)

    @property
    def fault(self) -> str | None:
        """What must be mended; None if nothing must."""
        return self.reason if self.outcome in ("broken", "unexpected") else None
