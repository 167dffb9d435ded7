"""Benchmark a recipe: build what `gcnet run` builds, train each stage for some seconds, keep nothing."""

import resource
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch

from gcnet_core.benchmark.peak import peak_flops
from gcnet_core.benchmark.result import Benchmark, StageSpeed
from gcnet_core.benchmark.stage import WARM_UP, StageBenchmark
from gcnet_core.benchmark.timed_training import StepTimes
from gcnet_core.data.albums import with_albums
from gcnet_core.data.align import align_references
from gcnet_core.data.faces import FaceTable
from gcnet_core.data.load import list_samples, load_faces
from gcnet_core.experiment.fold import FoldRun
from gcnet_core.experiment.options import Options
from gcnet_core.machine import available_cores
from gcnet_core.output.console import Console
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Recipe
from gcnet_core.storage import versions
from gcnet_core.training.optimizer_step import AUTOCAST
from gcnet_core.training.progress import TrainingProgress
from gcnet_core.training.resources import choose_device, choose_threads
from gcnet_core.training.speed import chosen_speed
from gcnet_core.training.trainer import Trainer

KIBIBYTE = 1024
"""Unit of `ru_maxrss` on Linux."""


@dataclass(frozen=True)
class BenchOptions:
    """How to measure.

    Args:
        device: name of the device; None: the best one.
        threads: CPU threads; None: as the recipe says.
        seconds: that each side of a round should take.
        rounds: of trainer and bare loop in turn, for each stage.
        profile: file for a trace of some steps, which Perfetto opens; None: none is written.
    """

    device: str | None = None
    threads: int | None = None
    seconds: float = 1.0
    rounds: int = 7
    profile: Path | None = None


def bench(recipe: Recipe, registry: Registry, options: BenchOptions, began: float) -> Benchmark:
    """Measure how fast a recipe trains; no run folder is written.

    Args:
        recipe: with stages, on data that are there.
        registry: where parts are found.
        options: how to measure.
        began: `time.perf_counter()` when the command began.

    Raises:
        UserError: if nothing is trained by steps, or the recipe cannot be run with what is there.
    """
    if not recipe.training.stages:
        raise UserError(f"{recipe.name}: nothing is trained by steps, so there is no step to be timed")
    device = choose_device(options.device)
    if speed := chosen_speed(recipe, device):
        recipe = speed.applied(recipe)
    threads = choose_threads(options.threads or recipe.threads, recipe.training.batch_size, recipe.image.size)
    torch.set_num_threads(threads)
    seconds = {"starting": time.perf_counter() - began}
    with _timed(seconds, "reading images"):
        table = faces(recipe, registry)
    precision = recipe.training.precision
    peak = peak_flops(device, AUTOCAST[precision] or torch.float32)
    stages: dict[str, StageSpeed] = {}
    for name in recipe.training.stages:
        with _timed(seconds, "building"):
            trainer = new_trainer(recipe, name, 1 + options.rounds, registry, table, device)
        stages[name] = StageBenchmark(trainer, options.seconds, peak).run()
    memory = _peak_memory(device)
    if options.profile:
        _trace([(name, new_trainer(recipe, name, 1, registry, table, device)) for name in stages], options.profile)
    return Benchmark(
        recipe=recipe.name,
        device=_in_words(device),
        threads=threads,
        precision=precision,
        batch_size=recipe.training.batch_size,
        images=len(table),
        seconds=seconds,
        peak_flops=peak,
        peak_memory=memory,
        stages=stages,
        versions=versions(),
    )


def faces(recipe: Recipe, registry: Registry) -> FaceTable:
    """The data of a recipe, as a run has them."""
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    table = with_albums(load_faces(listing, recipe.image), recipe)
    return align_references(table) if recipe.align_references else table


def new_trainer(
    recipe: Recipe, stage: str, epochs: int, registry: Registry, table: FaceTable, device: torch.device
) -> Trainer:
    """A trainer of one stage, that measures nobody between its epochs."""
    stages = {stage: recipe.training.stages[stage].model_copy(update={"epochs": epochs})}
    training = recipe.training.model_copy(update={"stages": stages})
    alone = recipe.model_copy(update={"training": training})
    run = FoldRun(alone, registry, table, device, Options(console=Console(quiet=True)))
    trainer = run.new_trainer(0 if recipe.split.fold == "all" else recipe.split.fold)
    trainer.validate = None
    return trainer


def _trace(trainers: Sequence[tuple[str, Trainer]], path: Path) -> None:
    """Write what happens in some steps of each stage, for Perfetto."""
    for _, trainer in trainers:
        trainer.batches.steps = WARM_UP
        trainer.train(cast(TrainingProgress, StepTimes()))
        trainer.position.epoch -= 1
    with torch.profiler.profile() as profiler:
        for name, trainer in trainers:
            with torch.profiler.record_function(f"stage {name}"):
                trainer.train(cast(TrainingProgress, StepTimes()))
    profiler.export_chrome_trace(str(path))


@contextmanager
def _timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[what] = seconds.get(what, 0.0) + time.perf_counter() - started


def _in_words(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device.type}, {available_cores()} cores"


def _peak_memory(device: torch.device) -> int:
    """Bytes at most, of a GPU or of this process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTE
