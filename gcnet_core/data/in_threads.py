"""Something done for each of very many things in threads, in their order, with few of them in hand at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

PART = 16
"""Things that a thread is given at once: to hand over each alone would take as long as to look at a small picture."""
AHEAD = 64
"""Parts that are in hand at a time."""

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def in_threads(function: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[list[Result]]:
    """Results in the order of the things, a few at a time; memory does not grow with their number.

    Args:
        function: safe for threads; what it raises is raised here.
        things: to be looked at.
    """

    def each(start: int) -> list[Result]:
        return [function(thing) for thing in things[start : start + PART]]

    starts = range(0, len(things), PART)
    with ThreadPoolExecutor() as pool:
        for first in range(0, len(starts), AHEAD):
            yield from pool.map(each, starts[first : first + AHEAD])
