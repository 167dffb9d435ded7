"""Progress of jobs: a bar on a terminal, and a line for each job that ends."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from gcnet_core.comparison.jobs import Failure
from gcnet_core.comparison.plan import Job
from gcnet_core.report.text import duration, percent
from gcnet_core.runs import Run


class JobProgress:
    """Shows how many jobs ended, what each reached, and the time left.

    Args:
        jobs: how many will run.
        console: where to write.
    """

    def __init__(self, jobs: int, console: Console) -> None:
        self.console = console
        self.bar = Progress(
            TextColumn("[bold]jobs"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.bar.add_task("jobs", total=jobs)

    def __enter__(self) -> "JobProgress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def end(self, job: Job, failure: Failure | None, seconds: float) -> None:
        """Tell how a job ended."""
        if failure:
            told = f"FAILED: {failure.reason} ({failure.log})"
        else:
            told = percent(Run(job.folder).summary.test.accuracy)
        self.console.print(f"{job}: {told}  {duration(seconds)}", highlight=False, markup=False, soft_wrap=True)
        self.bar.advance(self.task)
