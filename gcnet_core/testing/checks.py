"""The checks of each kind: simple ones first, each after those that it rests on."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from gcnet_core.plugin_api import UserError
from gcnet_core.plugin_api.suggest import suggestion
from gcnet_core.testing import datasets, detecting, engines, every_part, generators, losses, models
from gcnet_core.testing.case import Case
from gcnet_core.testing.check import Check, Result
from gcnet_core.testing.examination import Examination, with_roots
from gcnet_core.testing.networks import classifying, conduct, decoding, deltas, encoding, keeping
from gcnet_core.testing.references import choosing, joining, using

OF_KIND: dict[str, tuple[Check, ...]] = {
    "dataset": datasets.CHECKS,
    "model": models.CHECKS,
    "generator": generators.CHECKS,
    "reference": (*choosing.CHECKS, *using.CHECKS, *conduct.CHECKS, *keeping.STORED, keeping.moves_to_another_device),
    "join": joining.CHECKS,
    "encoder": encoding.CHECKS,
    "delta": deltas.CHECKS,
    "classifier": classifying.CHECKS,
    "decoder": decoding.CHECKS,
    "loss": losses.CHECKS,
    "detector": detecting.CHECKS,
    "engine": engines.CHECKS,
}


def checks_of(kind: str, *, only: Collection[str] = (), skip: Collection[str] = ()) -> list[Check]:
    """Checks of a kind of part, in the order in which they are run.

    Args:
        kind: e.g. `generator`.
        only: names of the checks that are wanted; default: all.
        skip: names of checks that are not run; what rests on them is judged nevertheless.

    Raises:
        UserError: if the kind has no check of such a name, with the nearest one.
    """
    everything = list(chain(every_part.FIRST, OF_KIND.get(kind, ()), every_part.last(kind)))
    refuse_unknown([*only, *skip], everything, kind)
    chosen = [check for check in everything if check.name in (only or {check.name}) and check.name not in skip]
    return [_without(check, skip) for check in chosen] if skip else chosen


def refuse_unknown(names: Iterable[str], checks: Iterable[Check], kind: str) -> None:
    """Stop if a name is of none of these checks.

    Raises:
        UserError: with the nearest name.
    """
    known = [check.name for check in checks]
    for name in names:
        if name not in known:
            raise UserError(f"no check of a {kind} is called {name}; {suggestion(name, known)}")


def run_checks(
    case: Case, chosen: Iterable[Check] | None = None, expected_failures: Mapping[str, str] | None = None
) -> Iterator[Result]:
    """Run the checks of a part, one after the other; a broken promise stops only those that rest on it.

    Args:
        case: the part under test.
        chosen: checks to run; default: all of its kind. Those that they rest on are run too.
        expected_failures: by the name of a check, why the part is known to break it.

    Raises:
        UserError: if there is no check of an expected failure's name.
    """
    refuse_unknown(expected_failures or (), checks_of(case.kind), case.kind)
    examination = Examination(case, expected_failures)
    for check in with_roots(checks_of(case.kind) if chosen is None else chosen):
        yield examination.result(check)


def _without(check: Check, skip: Collection[str]) -> Check:
    """The same check, resting on what the skipped ones rest on in their place."""
    needs = chain.from_iterable(needed.needs if needed.name in skip else (needed,) for needed in check.needs)
    return replace(check, needs=tuple(_without(needed, skip) for needed in needs if needed.name not in skip))
