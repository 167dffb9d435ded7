"""The checks of each kind, and running them: simple ones first, each after those that it rests on."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from gcnet_core.plugin_api import MissingData
from gcnet_core.testing import (
    classifying,
    common,
    dataset_files,
    dataset_pictures,
    datasets,
    decoding,
    deltas,
    detecting,
    encoding,
    estimates,
    learning,
    loss_minima,
    model_learning,
    models,
)
from gcnet_core.testing.case import Case
from gcnet_core.testing.check import Check, DoesNotApply, Result

OF_KIND: dict[str, tuple[tuple[Check, ...], ...]] = {
    "generator": (estimates.CHECKS, learning.CHECKS),
    "dataset": (datasets.CHECKS, dataset_pictures.CHECKS, dataset_files.CHECKS),
    "encoder": (encoding.CHECKS,),
    "delta": (deltas.CHECKS,),
    "classifier": (classifying.CHECKS,),
    "decoder": (decoding.CHECKS,),
    "loss": (loss_minima.CHECKS,),
    "detector": (detecting.CHECKS,),
    "model": (models.CHECKS, model_learning.CHECKS),
}


def checks_of(kind: str) -> list[Check]:
    """All checks of a kind of part, in the order in which they are run."""
    return list(chain(common.CHECKS, *OF_KIND.get(kind, ())))


def run_checks(
    case: Case, chosen: Iterable[Check] | None = None, expected_failures: Mapping[str, str] | None = None
) -> Iterator[Result]:
    """Run the checks of a part, one after the other; a broken promise stops only those that rest on it.

    Args:
        case: the part under test.
        chosen: checks to run; default: all of its kind. Those that they rest on are run too.
        expected_failures: by the name of a check, why the part is known to break it.
    """
    roots: dict[str, str] = {}  # by the name of a check that is broken or could not be judged, the one to be mended
    for check in _with_roots(checks_of(case.kind) if chosen is None else chosen):
        broken = next((roots[needed.name] for needed in check.needs if needed.name in roots), None)
        if broken is not None:
            roots[check.name] = broken
            yield Result(check, "not judged", f"{broken} is broken", broken)
            continue
        result = _run(check, case, (expected_failures or {}).get(check.name))
        if result.outcome in ("broken", "expected"):
            roots[check.name] = check.name
        yield result


def _run(check: Check, case: Case, expected: str | None) -> Result:
    try:
        check.run(case)
    except DoesNotApply as reason:
        return Result(check, "skipped", str(reason))
    except MissingData as missing:  # a data set whose files are elsewhere is not broken
        return Result(check, "skipped", f"its files are not there: {' '.join(str(missing).split())}")
    except Exception as error:  # whatever a part does wrong is its fault, not the kit's
        fault = f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]
        return Result(check, "broken", fault) if expected is None else Result(check, "expected", expected)
    if expected is not None:
        return Result(check, "unexpected", f"it was expected to fail ({expected}), and is kept; expect it no more")
    return Result(check, "kept")


def _with_roots(chosen: Iterable[Check]) -> list[Check]:
    """The chosen checks, each after those that it rests on, each once."""
    ordered: dict[str, Check] = {}

    def visit(check: Check) -> None:
        for needed in check.needs:
            visit(needed)
        ordered.setdefault(check.name, check)

    for check in chosen:
        visit(check)
    return list(ordered.values())
