"""Progress of jobs: a bar on a terminal, and a line for each job that ends."""

import socket

from gcnet_core.comparison.jobs import Failure
from gcnet_core.comparison.plan import Job
from gcnet_core.interfaces import Ended
from gcnet_core.output.console import Console
from gcnet_core.report.text import duration, percent
from gcnet_core.runs import Run
from gcnet_core.training.progress import TerminalProgress


class JobProgress(TerminalProgress):
    """Shows how many jobs ended, what each reached, and the time left.

    Args:
        jobs: how many will run.
        console: where to write.
    """

    def __init__(self, jobs: int, console: Console) -> None:
        super().__init__("jobs", jobs, console)

    def end(self, job: Job, failure: Failure | None, ended: Ended) -> None:
        """Tell how a job ended."""
        if failure:
            outcome = f"FAILED: {failure.reason} ({failure.log})"
        else:
            outcome = percent(Run(job.folder).summary.test.accuracy)
        where = "" if ended.where in ("", socket.gethostname()) else f" on {ended.where}"
        self.console.print(f"{job}: {outcome}  {duration(ended.seconds)}{where}", highlight=False, soft_wrap=True)
        self.advance(self.task)
