"""Engines: the contract, the same comparison by each, and kills of a comparison and of what runs its jobs."""

import pytest

from gcnet_core.plugin_api import Registry
from gcnet_core.testing import Case, Check, DoesNotApply, checks_of


@pytest.mark.parametrize("check", checks_of("engine"), ids=lambda check: check.name)
def test_the_local_engine_keeps_the_contract(check: Check, registry: Registry) -> None:
    try:
        check.run(Case("engine", "local", registry=registry))
    except DoesNotApply as reason:
        pytest.skip(str(reason))
