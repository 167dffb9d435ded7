"""Progress of `gcnet predict`: a bar with the time left on a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gcnet_core.inference.job import Counts, Sink, expected
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Source

SECONDS = 10.0
"""From one plain line to the next."""


@contextmanager
def progress(sources: Sequence[Source], counts: Counts, *, quiet: bool) -> Iterator[Sink]:
    """Shows how far it is.

    Args:
        sources: what there is to be looked at.
        counts: so far.
        quiet: whether nothing is shown.
    """
    console = Console(stderr=True)
    if quiet:
        yield lambda source, picture, faces: None
    elif console.is_terminal:
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[faces]} faces"))
        timing = (TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
        with Progress(*columns, *timing, console=console, transient=True, redirect_stdout=False) as bar:
            task = bar.add_task("", total=expected(sources), faces=0)

            def draw(source: Source, picture: Picture, faces: list[FaceResult]) -> None:
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

    def __call__(self, source: Source, picture: Picture, faces: list[FaceResult]) -> None:
        """Print a line if the last one is long ago."""
        now = time.monotonic()
        if now - self.last < SECONDS:
            return
        self.last, done = now, self.counts.pictures
        of = f" of about {self.total}" if self.total else ""
        left = f", {(self.total - done) * self.counts.seconds / done:.0f} s left" if self.total else ""
        print(f"{done}{of} pictures, {self.counts.faces} faces{left}", flush=True)  # standard output is redirected
