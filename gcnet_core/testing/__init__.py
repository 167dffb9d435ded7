"""The contract kit: named checks that any part must pass, run by `gcnet plugins check` or from pytest.

In a plugin's own tests:

    import pytest
    from gcnet_core.testing import Case, checks_of

    @pytest.mark.parametrize("check", checks_of("generator"))
    def test_contract(check):
        check.run(Case("generator", "mine"))
"""

from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import Check, DoesNotApply, Result, check
from gcnet_core.testing.checks import checks_of, run_checks

__all__ = ["Case", "Check", "ContractError", "DoesNotApply", "Result", "check", "checks_of", "run_checks"]
