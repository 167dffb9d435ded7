"""Slurm, by submitit: each task a job of the cluster, which goes on where the comparison is killed."""

import shutil
import time
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from gcnet_core.files import write_text
from gcnet_core.interfaces import BuildContext, Ended, Engine, Task, TaskRunner
from gcnet_core.machine import available_cores
from gcnet_core.plugin_api import UserError
from gcnet_engines.config import SlurmConfig

POLL = 0.5
"""Seconds between two looks at the jobs; submitit asks Slurm itself far less often."""
MEGABYTES = 1024
"""In a GiB."""


class Slurm(Engine):
    """Submits tasks; one that an earlier comparison submitted, and that is still queued or running, is waited for."""

    config: SlurmConfig

    def __init__(self, config: SlurmConfig, context: BuildContext) -> None:
        super().__init__(config, context)
        try:
            import submitit
        except ImportError as error:
            raise UserError("the engine slurm needs submitit, which is missing: pip install 'gcnet[slurm]'") from error
        self.submitit: Any = submitit
        if config.cluster == "slurm" and not shutil.which("srun"):
            raise UserError(
                "--engine slurm: there is no Slurm here (srun is not found); start on a machine from which jobs are "
                "submitted, or try it with --engine-set cluster=local"
            )

    def run(self, tasks: Sequence[Task], workers: int) -> Generator[Ended, None, None]:
        """Submit all, so many at a time."""
        if self.config.cluster == "local":  # which starts at once whatever is submitted
            workers = min(workers, max(1, available_cores() // self.config.cores))
        waiting, running = deque(tasks), dict[Task, Any]()
        try:
            while waiting or running:
                while waiting and len(running) < workers:
                    task = waiting.popleft()
                    running[task] = self._earlier(task) or self._submitted(task)
                for task in [task for task, job in running.items() if job.done()]:
                    yield _ended(task, running.pop(task))
                time.sleep(POLL if running else 0)
        except BaseException:
            self._stop(running)
            raise

    def _executor(self, folder: Path) -> Any:
        """submitit's executor, which leaves scripts, pickles and logs in a folder."""
        config = self.config
        limits = {f"{cluster}_max_num_timeout": config.retries for cluster in ("slurm", "local")}
        executor = self.submitit.AutoExecutor(folder, cluster=config.cluster, **limits)
        executor.update_parameters(
            name="gcnet", timeout_min=max(1, round(60 * config.hours)), cpus_per_task=config.cores,
            gpus_per_node=config.gpus, mem_gb=config.memory,
        )  # fmt: skip
        if config.partition:
            executor.update_parameters(slurm_partition=config.partition)
        if config.parameters:
            executor.update_parameters(slurm_additional_parameters=config.parameters)
        return executor

    def _submitted(self, task: Task) -> Any:
        job = self._executor(_folder(task)).submit(Submitted(task))
        write_text(_number(task), job.job_id)
        return job

    def _earlier(self, task: Task) -> Any | None:
        """The job of Slurm that a killed comparison submitted for this task, if it has not ended."""
        number = _number(task)
        if self.config.cluster == "local" or not number.is_file():
            return None
        job = self.submitit.SlurmJob(_folder(task), number.read_text().strip())
        return None if job.done(force_check=True) else job

    def _stop(self, running: dict[Task, Any]) -> None:
        for job in running.values():
            job.cancel()
        for job in running.values():
            job.wait()


class Submitted:
    """A task as submitit pickles it. Where it meets its time limit, or gives way, it is queued again and goes on.

    Args:
        task: what is run.
    """

    def __init__(self, task: Task) -> None:
        self.task = task

    def __call__(self) -> Ended:
        return TaskRunner(apart=True)(self.task)  # Slurm warns whole groups of the time limit, by SIGUSR2

    def checkpoint(self) -> Any:
        """What is queued again: the same."""
        from submitit.helpers import DelayedSubmission

        return DelayedSubmission(self)


def _folder(task: Task) -> Path:
    """What submitit writes of a task, beside its log."""
    return task.directory / task.log.parent / "submitit"


def _number(task: Task) -> Path:
    """The file with the number of the job that was submitted for a task."""
    return task.directory / task.log.with_suffix(".slurm")


def _ended(task: Task, job: Any) -> Ended:
    _number(task).unlink(missing_ok=True)
    try:
        ended: Ended = job.result()
    except Exception as error:  # of submitit, or what the job raised: no process, no result, killed by the cluster
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        return Ended(task, 1, reason=f"Slurm job {job.job_id} ({job.state}): {reason}")
    if ended.code == 0:
        _remove_traces(_folder(task), job.job_id)
    return replace(ended, task=task)


def _remove_traces(folder: Path, number: str) -> None:
    """What submitit wrote of a job that succeeded: scripts, pickles, and an empty log."""
    for path in folder.glob(f"{number}_*"):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()  # raises if something is in it
