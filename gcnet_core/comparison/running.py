"""Jobs handed to an engine as tasks, each of which one command runs anywhere: `gcnet job`."""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.comparison.jobs import Failure, failure_of, unanswered
from gcnet_core.comparison.plan import Job
from gcnet_core.files import write_text
from gcnet_core.interfaces import Ended, Engine, Task
from gcnet_core.plugin_api import PluginError, Registry
from gcnet_core.recipe import dump_recipe
from gcnet_core.runs.files import job_log, job_recipe

OF_GCNET = ("GCNET_", "PYTHONPATH")
"""How the variables begin that decide what gcnet finds; they go with a task to other machines."""


@dataclass
class JobRunner:
    """Runs jobs by an engine.

    Args:
        engine: where they run.
        registry: where parts are looked up.
        arguments: further words of each command, e.g. the device.
        workers: how many at a time.
        cores: the most threads that one may use.
        keep_models: whether the weights of a finished job stay; they are most of what it writes.
        smoke: whether jobs train only a few steps.
    """

    engine: Engine
    registry: Registry
    arguments: Sequence[str]
    workers: int
    cores: int
    keep_models: bool = False
    smoke: bool = False

    def __call__(self, jobs: Sequence[Job], on_end: Callable[[Job, Failure | None, Ended], None]) -> list[Failure]:
        """Run all jobs.

        Args:
            jobs: those that are not done.
            on_end: called as each ends, with its failure if it failed.

        Returns:
            The jobs that failed, in the order given.

        Raises:
            PluginError: if the engine leaves a job out, or tells of one that it was not given.
        """
        failures: dict[Job, Failure] = {}
        running = {job.folder: job for job in jobs}
        with closing(self.engine.run([self._task(job) for job in jobs], self.workers)) as endings:
            for ended in endings:
                job = self._job(ended, running)
                failure = failure_of(job, ended, self.registry)
                if failure:
                    failures[job] = failure
                on_end(job, failure, ended)
        if running:
            raise PluginError(
                f"{self.engine.origin}: {len(running)} jobs never ended, as {next(iter(running.values()))}"
            )
        return [failures[job] for job in jobs if job in failures]

    def _job(self, ended: Ended, running: dict[Path, Job]) -> Job:
        try:
            return running.pop(ended.task.folder)
        except KeyError:
            raise PluginError(f"{self.engine.origin}: {ended.task.name} ended twice") from None

    def _task(self, job: Job) -> Task:
        """The job as an engine sees it; its recipe is written."""
        recipe = written_recipe(job)
        words = ["job", str(recipe), "--threads", str(self.cores)]
        for other in unanswered(job):
            words += ["--data", other.source]
        words += ["--keep-models"] if self.keep_models else []
        words += ["--smoke"] if self.smoke else []
        known = {name: value for name, value in os.environ.items() if name.startswith(OF_GCNET)}
        return Task(str(job), (*words, *self.arguments), job_log(job.folder), job.folder, (recipe,), environment=known)


def written_recipe(job: Job) -> Path:
    """The file with the recipe of a job, which is written."""
    path = job_recipe(job.folder)
    write_text(path, dump_recipe(job.recipe))
    return path
