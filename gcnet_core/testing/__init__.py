"""The contract kit: named checks that any part must pass, run by `gcnet plugins check` or from pytest.

In a plugin's own tests:

    from gcnet_core.testing import Case, parametrize_with_checks

    @parametrize_with_checks(Case("generator", "mine", {"width": 8}))
    def test_contract(case, check):
        check.run(case)

Without pytest, `run_checks(Case(...))` gives a `Result` for each check. Its outcome is one of

- `kept` or `broken`;
- `not judged`: a promise that it rests on is broken, which `root` names; mend that one first;
- `skipped`: it does not apply to this part, and `reason` says why;
- `expected` or `unexpected`: its failure was announced by `expected_failures={name: reason}`, and came or did not.

`checks_of(kind, only=..., skip=...)` chooses checks by name. A part says by the `tags` of its config class what cannot
be asked of it: `stochastic` (it draws at random in evaluation too: checks tagged `deterministic` are skipped) and
`needs_gpu` (it is built on a GPU, and skipped where there is none).
"""

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import Check, DoesNotApply, Result, check
from gcnet_core.testing.checks import checks_of, run_checks
from gcnet_core.testing.with_pytest import parametrize_with_checks

__all__ = [
    "Case",
    "Check",
    "ContractError",
    "DoesNotApply",
    "Result",
    "check",
    "checks_of",
    "parametrize_with_checks",
    "run_checks",
]
