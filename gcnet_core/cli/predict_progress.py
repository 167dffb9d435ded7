"""Progress of `gcnet predict`: a bar with the time left on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gcnet_core.inference.job import Counts, Searched, expected
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Source
from gcnet_core.output.console import Console

SECONDS = 10.0
"""From one plain line to the next."""


@contextmanager
def progress(sources: Sequence[Source], *, quiet: bool) -> Iterator[Searched]:
    """Shows how far it is.

    Args:
        sources: what there is to be looked at.
        quiet: whether nothing is shown.
    """
    console, counts = Console(stderr=True), Counts()
    if quiet:
        yield counts.add
    elif console.is_terminal:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[faces]} faces"))
        timing = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        with Progress(*columns, *timing, console=console, transient=True, redirect_stdout=False) as bar:
            task = bar.add_task("", total=expected(sources), faces=0)

            def draw(faces: list[FaceResult]) -> None:
                counts.add(faces)
                bar.update(task, completed=counts.pictures, faces=counts.faces)

            yield draw
    else:
        yield PlainLines(counts, expected(sources))


class PlainLines:
    """A line now and then, for logs.

    Args:
        counts: so far.
        total: how many pictures there are, if that is known.
    """

    def __init__(self, counts: Counts, total: int | None) -> None:
        self.counts, self.total, self.last = counts, total, time.monotonic()

    def __call__(self, faces: list[FaceResult]) -> None:
        """Print a line if the last one is long ago."""
        self.counts.add(faces)
        now = time.monotonic()
        if now - self.last < SECONDS:
            return
        self.last, done = now, self.counts.pictures
        of = f" of about {self.total}" if self.total else ""
        left = f", {max(0, self.total - done) * self.counts.seconds / done:.0f} s left" if self.total else ""
        print(f"{done}{of} pictures, {self.counts.faces} faces{left}", flush=True)  # standard output is redirected
