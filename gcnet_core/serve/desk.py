"""Desk: requests are answered one at a time, the others wait; a limit says how many, and for how long."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from gcnet_core.serve.limits import Limits

Answer = TypeVar("Answer")


class Refused(Exception):
    """A request that is not answered.

    Args:
        status: of HTTP.
        detail: why, and what to do.
        retry: after so many seconds it is worth trying again; None: it is not.
    """

    def __init__(self, status: int, detail: str, retry: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry = status, detail, retry


class Deadline:
    """When a request must be done."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.begun = seconds, time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since the request came."""
        return time.monotonic() - self.begun

    @property
    def left(self) -> float:
        """Seconds; 0 where there are none."""
        return max(0.0, self.seconds - self.passed)

    def over(self) -> Refused:
        """What is said when the time is over."""
        return Refused(503, f"not done within {self.seconds:g} seconds; send fewer or smaller pictures", retry=5)

    def check(self) -> None:
        """Ask between two pictures: a thread cannot be stopped from outside.

        Raises:
            Refused: if the time is over.
        """
        if not self.left:
            raise self.over()


class Desk:
    """Lets few requests in and answers one at a time, so that a model that uses all cores is not asked twice at once.

    Args:
        limits: how many may be in, and for how long.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits, self.inside = limits, 0
        self.thread = ThreadPoolExecutor(1, "answers")

    @contextmanager
    def place(self) -> Iterator[Deadline]:
        """A place in the queue, taken before a body is read: what waits must fit into memory.

        Raises:
            Refused: if there is none.
        """
        if self.inside >= self.limits.requests:
            raise Refused(503, f"{self.inside} requests are waiting already; try again in a moment", retry=1)
        self.inside += 1
        try:
            yield Deadline(self.limits.seconds)
        finally:
            self.inside -= 1

    async def answer(self, deadline: Deadline, work: Callable[[], Answer]) -> Answer:
        """Let the thread do some work, which must ask the deadline now and then.

        Raises:
            Refused: if the time is over.
        """

        def begin() -> Answer:
            deadline.check()  # nobody waits any more for what waited too long
            return work()

        done = asyncio.get_running_loop().run_in_executor(self.thread, begin)
        try:
            return await asyncio.wait_for(done, deadline.left)
        except TimeoutError as error:
            raise deadline.over() from error
