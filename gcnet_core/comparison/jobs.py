"""What the folder of a job says: whether it is done, and why not; whoever ran it is not asked."""

import errno
import re
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.comparison.plan import Job
from gcnet_core.data.cross_dataset import CrossDataset
from gcnet_core.experiment.data_record import check_smoke
from gcnet_core.faults import cannot_write
from gcnet_core.interfaces import Ended
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Candidate, recipe_hash, stored_recipe
from gcnet_core.runs import Run
from gcnet_core.runs.files import RECIPE, REPORT, SUMMARY, job_log

SMALLEST = 64 * 1024
"""Bytes; on a disk with less room a job that says nothing had no room for it."""


@dataclass(frozen=True)
class Failure:
    """A job that ended without a result, why, and the file that holds all it said."""

    job: Job
    reason: str
    log: Path


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


def failure_of(job: Job, ended: Ended, registry: Registry) -> Failure | None:
    """Why a job that ended has no result; None if it has one."""
    log, reason = job_log(job.folder), ended.reason
    if ended.code == 0 and is_done(job, registry):
        missing = unanswered(job)
        if not missing:
            return None
        reason = f"it was begun without --data {missing[0].source}; run the comparison again"
    return Failure(job, reason or _last_words(ended.code, log), log)


def _last_words(code: int, log: Path) -> str:
    """The last line that a job wrote, or how it died."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    if not lines and shutil.disk_usage(log.parent).free < SMALLEST:  # it could say nothing
        return str(cannot_write(log, OSError(errno.ENOSPC, "")))
    return lines[-1] if lines else f"ended with exit code {code}"
