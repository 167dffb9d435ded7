"""Jobs side by side, each a process of its own: one that fails or is killed harms no other."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from gcnet_core.comparison.plan import Job
from gcnet_core.data.cross_dataset import CrossDataset
from gcnet_core.experiment.data_record import check_smoke
from gcnet_core.faults import cannot_write
from gcnet_core.files import write_text
from gcnet_core.machine import JOB
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Candidate, dump_recipe, recipe_hash, stored_recipe
from gcnet_core.runs import Run
from gcnet_core.runs.files import DESCRIPTION, RECIPE, REPORT, SUMMARY, WEIGHTS, job_log, job_recipe
from gcnet_core.training.resources import choose_threads

GCNET = (sys.executable, "-m", "gcnet_core.cli")
SMALLEST = 64 * 1024
"""Bytes; on a disk with less room a job that says nothing had no room for it."""


@dataclass(frozen=True)
class Failure:
    """A job that ended without a result, why, and the file that holds all it said."""

    job: Job
    reason: str
    log: Path


@dataclass
class JobRunner:
    """Runs jobs as `gcnet run`, and `gcnet evaluate` on other data, in processes of their own.

    Args:
        registry: where parts are looked up.
        arguments: further words of each command, e.g. the device.
        workers: how many at a time.
        threads: the most that one may use.
        keep_models: whether the weights of a finished job stay; they are most of what it writes.
        smoke: whether jobs train only a few steps.
    """

    registry: Registry
    arguments: Sequence[str]
    workers: int
    threads: int
    keep_models: bool = False
    smoke: bool = False
    running: set["subprocess.Popen[bytes]"] = field(default_factory=set)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __call__(self, jobs: Sequence[Job], on_end: Callable[[Job, Failure | None, float], None]) -> list[Failure]:
        """Run all jobs.

        Args:
            jobs: those that are not done.
            on_end: called as each ends, with its failure if it failed and the seconds it took.

        Returns:
            The jobs that failed, in the order given.
        """
        failures: dict[Job, Failure] = {}
        with ThreadPoolExecutor(self.workers) as pool:
            try:
                futures = [pool.submit(self._run, job) for job in jobs]
                for future in as_completed(futures):
                    job, failure, seconds = future.result()
                    if failure:
                        failures[job] = failure
                    on_end(job, failure, seconds)
            except BaseException:
                self._stop(pool)
                raise
        return [failures[job] for job in jobs if job in failures]

    def _run(self, job: Job) -> tuple[Job, Failure | None, float]:
        started = time.monotonic()
        recipe, log = job_recipe(job.folder), job_log(job.folder)
        write_text(recipe, dump_recipe(job.recipe))
        with log.open("ab") as file:
            _wait_for_orphan(file)
            ready = is_done(job, self.registry) and has_report(job)
            code = 0 if ready else self._wait(self._command(job, recipe), file)
            for other in unanswered(job):
                code = code or self._wait(self._evaluation(job, other), file)
        failure = None if code == 0 and is_done(job, self.registry) else Failure(job, _reason(code, log), log)
        if not failure and not self.keep_models:
            for name in (WEIGHTS, DESCRIPTION):
                (job.folder / name).unlink(missing_ok=True)
        return job, failure, time.monotonic() - started

    def _command(self, job: Job, recipe: Path) -> list[str]:
        words = ["run", str(recipe), "--output", str(job.folder), "--set", "report.tsne=false"]
        resume = ["--resume"] if (job.folder / RECIPE).is_file() else []
        smoke = ["--smoke"] if self.smoke else []
        return [*GCNET, *words, *resume, "--threads", str(self._threads(job)), *smoke, *self.arguments]

    def _evaluation(self, job: Job, other: CrossDataset) -> list[str]:
        words = ["evaluate", str(job.folder), "--data", other.source, "--output", str(job.answers(other))]
        return [*GCNET, *words, "--set", f"threads={self._threads(job)}", *self.arguments]

    def _threads(self, job: Job) -> int:
        chosen = choose_threads(job.recipe.threads, job.recipe.training.batch_size, job.recipe.image.size)
        return min(self.threads, chosen)

    def _wait(self, command: Sequence[str], output: object) -> int:
        if self.stopping.is_set():
            return -signal.SIGTERM
        # nothing is written into the pipe: it ends when this process does, and so does the job, see cli/stopping.py
        process = subprocess.Popen(  # type: ignore[call-overload]
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.PIPE, env={**os.environ, JOB: "1"}
        )
        self.running.add(process)
        try:
            return int(process.wait())
        finally:
            self.running.discard(process)
            process.stdin.close()

    def _stop(self, pool: ThreadPoolExecutor) -> None:
        """End the running jobs, which keep their checkpoints, and begin no other."""
        self.stopping.set()
        pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self.running):
            process.terminate()


def _wait_for_orphan(log: BinaryIO) -> None:
    """Wait for the same job of a comparison that was killed: its process lives on and holds the lock of its log."""
    with suppress(ImportError):  # Windows has no such lock
        import fcntl

        fcntl.flock(log, fcntl.LOCK_EX)


def is_done(job: Job, registry: Registry) -> bool:
    """Whether the folder holds the finished run of this very job.

    Raises:
        UserError: if it holds a run of another recipe, or one of a few steps where a whole one is wanted, or the other
            way round.
    """
    if not (job.folder / SUMMARY).is_file():
        return False
    wanted, summary = recipe_hash(job.recipe), Run(job.folder).summary
    if summary.status == "smoke" and not job.smoke:
        raise UserError(f"{job.folder}: holds a run of a few steps (--smoke); choose another --output")
    if summary.status != "smoke" and job.smoke:
        raise UserError(f"{job.folder}: holds a whole run; leave out --smoke, or choose another --output")
    if summary.recipe_hash == wanted:
        return True
    # an older gcnet may have had fewer keys: what counts are the values of the run, with today's defaults
    if recipe_hash(stored_recipe(job.folder / RECIPE, registry)) == wanted:
        return True
    raise UserError(f"{job.folder}: holds a run of another recipe; choose another --output for this comparison")


def check_finished_jobs(
    candidate: Candidate, seeds: int, folds: Sequence[int] | None, folder: Path, registry: Registry, smoke: bool
) -> None:
    """Tell that a folder holds a run or another comparison, from its finished jobs alone: no data are looked at.

    Args:
        candidate: whose jobs would go there.
        seeds: how many, from 0.
        folds: those to be tested; None: all.
        folder: of the comparison.
        registry: where parts are looked up.
        smoke: whether jobs train a few steps only.

    Raises:
        UserError: if a job in it is of another recipe, or it is the folder of a run.
    """
    if (folder / RECIPE).is_file():
        raise UserError(f"--output {folder}: holds a run; give a new folder, or that of a comparison to go on with it")
    for run in sorted((folder / candidate.slug).glob("seed-*/fold-*")):
        match = re.fullmatch(r"seed-(\d+)/fold-(\d+)", run.relative_to(folder / candidate.slug).as_posix())
        if match is None:
            continue
        seed, fold = int(match[1]), int(match[2])
        if seed < seeds and (folds is None or fold in folds):
            check_smoke(run, smoke, "--output")
            is_done(Job(candidate, (seed, fold), run, smoke=smoke), registry)


def has_report(job: Job) -> bool:
    """Whether a job came to its very end, and was not killed between its figures and its page."""
    return (job.folder / REPORT).is_file()


def unanswered(job: Job) -> list[CrossDataset]:
    """The other data on which a job has not measured its model yet."""
    return [other for other in job.others if not job.answers(other).is_file()]


def _reason(code: int, log: Path) -> str:
    """The last line that the job wrote, or how it died."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    if not lines and shutil.disk_usage(log.parent).free < SMALLEST:  # it could say nothing
        return str(cannot_write(log, OSError(errno.ENOSPC, "")))
    return lines[-1] if lines else f"ended with exit code {code}"
