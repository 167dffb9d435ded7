"""Generated folders, lists and pictures: never a traceback, and every file is counted; many more by the benchmark."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from tests.benchmarks.reliability.data import Tries, as_tree, generating, known_parts
from tests.benchmarks.reliability.lists import lists
from tests.benchmarks.reliability.pictures import damaged_pictures
from tests.benchmarks.reliability.trees import trees

Attempt = Callable[[Tries], Callable[[Any], None]]


@pytest.mark.parametrize(
    ("tree", "attempt", "count"),
    [
        (trees(), lambda tries: tries.check, 100),
        (lists(), lambda tries: tries.check, 100),
        (st.lists(damaged_pictures(), min_size=10, max_size=10).map(as_tree), lambda tries: tries.check, 10),
        (st.lists(damaged_pictures(), min_size=10, max_size=10).map(as_tree), lambda tries: tries.prepare, 10),
    ],
    ids=["trees", "lists", "pictures checked", "pictures prepared"],
)
def test_generated_data(tree: "st.SearchStrategy[Any]", attempt: Attempt, count: int) -> None:
    tries = Tries()

    @seed(0)
    @generating(count)
    @given(tree)
    def one(value: Any) -> None:
        attempt(tries)(value)

    with known_parts():
        one()
    assert not tries.faults, tries.told()
    assert sum(tries.ends.values()) >= count / 2
