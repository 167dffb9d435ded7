"""What comes next is made while the present is worked on, by one thread; nothing but the time is another."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
AHEAD = 2
"""Items that are ready, or in work, beside the one that is worked on."""
_END: Any = object()


def read_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, each made before it is asked for.

    What making one raises is raised where it is asked for. The thread ends with this iterator, also where that is
    closed early.

    Args:
        items: made one after the other, in a thread.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
    try:
        ready = deque(pool.submit(next, items, _END) for _ in range(AHEAD))
        while (item := ready.popleft().result()) is not _END:
            ready.append(pool.submit(next, items, _END))
            yield item
    finally:
        pool.shutdown(cancel_futures=True)
