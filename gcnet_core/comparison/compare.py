"""Run a comparison and write its table, files and page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import torch
from safetensors.numpy import save

from gcnet_core.comparison.cross_dataset import cross_dataset_figures, prepare_cross_dataset
from gcnet_core.comparison.disagreements import disagreements, pictures
from gcnet_core.comparison.engines import build_engine
from gcnet_core.comparison.jobs import Failure, has_report, is_done, unanswered
from gcnet_core.comparison.measure import Done, candidate_figures, pair_figures
from gcnet_core.comparison.plan import Job, plan
from gcnet_core.comparison.progress import JobProgress
from gcnet_core.comparison.running import JobRunner, written_recipe
from gcnet_core.comparison.same_data import check_jobs_data
from gcnet_core.comparison.side_by_side import measured_workers
from gcnet_core.data.cross_dataset import CrossDataset
from gcnet_core.evaluation.trials import Trial
from gcnet_core.files import write_bytes
from gcnet_core.interfaces import Engine
from gcnet_core.locks import locked
from gcnet_core.output.console import Console
from gcnet_core.plugin_api import Registry, RunFailed, UserError
from gcnet_core.recipe import Candidate
from gcnet_core.report.comparison import write_comparison_report
from gcnet_core.runs import Comparison, Run, write_record
from gcnet_core.runs.comparison import FailedJob
from gcnet_core.runs.files import COMPARISON, PICTURES
from gcnet_core.runs.intact import digest_of
from gcnet_core.storage import versions
from gcnet_core.training.resources import available_cores

SHOWN = 24
"""Images on which recipes disagree that are shown."""


@dataclass(frozen=True)
class CompareOptions:
    """How to run a comparison, as opposed to what is compared.

    Args:
        output: its folder; default: a new one below `runs/comparisons/`. Jobs that are done in it are not done again.
        seeds: how many seeds, from 0.
        folds: those to be tested; None: all.
        workers: jobs at a time; None: one for each core, on a GPU as many as a short bench finds best; elsewhere all.
        arguments: further words for each job's `gcnet run`.
        device: of the jobs, if they run on this machine.
        keep_models: whether the weights of each job stay.
        smoke: whether jobs train only a few steps.
        others: data on which every model is measured too.
        console: where progress goes.
        engine: runs the jobs; None: this machine.
    """

    output: Path | None = None
    seeds: int = 1
    folds: Sequence[int] | None = None
    workers: int | None = None
    arguments: Sequence[str] = ()
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    keep_models: bool = False
    smoke: bool = False
    others: Sequence[CrossDataset] = ()
    console: Console = field(default_factory=Console)
    engine: Engine | None = None


def compare(candidates: Sequence[Candidate], registry: Registry, options: CompareOptions) -> Path:
    """Run every fold and seed of every candidate, then measure them together.

    Returns:
        The folder, with comparison.json, the tables, the page, and the run of each job.

    Raises:
        UserError: if the candidates cannot be run as they are; nothing is written then.
        RunFailed: if no job was finished.
    """
    folder = options.output or new_folder()
    with locked(folder):
        _compare(candidates, registry, options, folder)
    return folder


def _compare(candidates: Sequence[Candidate], registry: Registry, options: CompareOptions, folder: Path) -> None:
    """Run what is not done yet in a folder that nobody else writes into, and measure all."""
    jobs = plan(candidates, options.seeds, options.folds, folder, registry, options.others, options.smoke)
    for note in check_jobs_data(jobs, registry):
        options.console.print(f"note: {note}", style="yellow", highlight=False, soft_wrap=True)
    waiting = [job for job in jobs if not is_done(job, registry) or unanswered(job) or not has_report(job)]
    prepare_cross_dataset(folder, jobs, options.others, registry)
    engine = options.engine or build_engine(registry)
    workers = _workers(waiting, engine, options)
    options.console.print(
        f"{len(candidates)} {'recipe' if len(candidates) == 1 else 'recipes'}, "
        f"{len(jobs)} {'job' if len(jobs) == 1 else 'jobs'}, "
        f"{len(jobs) - len(waiting)} of them done; {workers} at a time\n"
        f"comparison folder {folder}",
        highlight=False,
        soft_wrap=True,
    )
    cores = engine.config.cores or max(1, available_cores() // workers)
    runner = JobRunner(engine, registry, options.arguments, workers, cores, options.keep_models, options.smoke)
    with JobProgress(len(waiting), options.console) as progress:
        failures = runner(waiting, progress.end)
    measured = measure_jobs(candidates, jobs, failures, folder, registry, options.others)
    write_record(folder / COMPARISON, measured)
    write_comparison_report(folder)


def _workers(waiting: Sequence[Job], engine: Engine, options: CompareOptions) -> int:
    """How many jobs run at a time."""
    if options.workers or engine.config.runs_elsewhere:
        wanted = options.workers or len(waiting)
    elif options.device.type != "cpu":
        recipes = [written_recipe(job) for job in waiting]
        wanted = measured_workers(recipes, options.arguments, options.device, options.console.print)
    else:
        wanted = available_cores() // (engine.config.cores or 1)
    return max(1, min(len(waiting), wanted))


def measure_jobs(
    candidates: Sequence[Candidate],
    jobs: Sequence[Job],
    failures: Sequence[Failure],
    folder: Path,
    registry: Registry,
    others: Sequence[CrossDataset] = (),
) -> Comparison:
    """All that comparison.json says, from the folders of the finished jobs; writes the pictures beside it.

    Raises:
        RunFailed: if no job was finished.
    """
    done = _finished(candidates, jobs, registry)
    if not done:
        first = failures[0]
        raise RunFailed(f"all {len(failures)} jobs failed; {first.job}: {first.reason} ({first.log})")
    shown = disagreements(candidates, done, SHOWN) if len(done) > 1 else []
    (folder / COMPARISON).unlink(missing_ok=True)  # a kill must not leave it beside the pictures of another
    write_bytes(folder / PICTURES, save(pictures(shown, candidates, done, registry)))
    planned = Counter(job.candidate for job in jobs)
    present = [candidate for candidate in candidates if candidate.name in done]
    first_runs = {name: next(iter(trials.values())) for name, trials in done.items()}

    def inside(path: Path) -> str:
        return path.relative_to(folder).as_posix()

    return Comparison(
        recipes=[candidate_figures(candidate, done[candidate.name], planned[candidate]) for candidate in present],
        pairs=pair_figures(candidates, done),
        cross_dataset=cross_dataset_figures(candidates, done, others, registry),
        failures=[FailedJob(job=str(entry.job), reason=entry.reason, log=inside(entry.log)) for entry in failures],
        disagreements=shown,
        features={name: inside(run.folder) for name, run in first_runs.items()},
        versions=versions(),
        files={PICTURES: digest_of(folder / PICTURES)},
    )


def _finished(candidates: Sequence[Candidate], jobs: Sequence[Job], registry: Registry) -> Done:
    """The runs of the finished jobs, of those candidates that have any."""
    done: dict[str, dict[Trial, Run]] = {candidate.name: {} for candidate in candidates}
    for job in jobs:
        if is_done(job, registry):
            done[job.candidate.name][job.trial] = Run(job.folder)
    return {name: trials for name, trials in done.items() if trials}


def new_folder() -> Path:
    """A folder below `runs/comparisons/` named by the time."""
    time = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder = Path("runs") / "comparisons" / time
    if folder.exists():
        raise UserError(f"{folder} is there already; wait a second, or name a folder by --output")
    return folder
