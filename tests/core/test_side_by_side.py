"""How many jobs share a GPU: the rule, what stops the bench, and a real process that trains at a word."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import torch

from gcnet_core.comparison import side_by_side
from gcnet_core.comparison.side_by_side import TrainingProcess, best_of, in_equal_rounds, measured_workers, rates
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import dump_recipe, load_recipe
from tests.runs import SMALL, write_recipe


@pytest.mark.parametrize(
    ("found", "best"),
    [
        ({}, 1),
        ({1: 100.0}, 1),
        ({1: 100.0, 2: 109.0}, 1),
        ({1: 100.0, 2: 190.0}, 2),
        ({1: 100.0, 2: 190.0, 4: 200.0}, 2),
        ({1: 100.0, 2: 190.0, 4: 350.0, 8: 500.0, 10: 520.0}, 10),  # a quarter more jobs need not bring a tenth
        ({1: 100.0, 2: 190.0, 4: 350.0, 8: 500.0, 10: 505.0}, 8),
    ],
)
def test_more_jobs_must_be_worth_it(found: dict[int, float], best: int) -> None:
    assert best_of(found) == best


@pytest.mark.parametrize(("jobs", "at_a_time", "equal"), [(10, 8, 5), (10, 4, 4), (10, 10, 10), (3, 2, 2), (1, 1, 1)])
def test_rounds_are_of_equal_size(jobs: int, at_a_time: int, equal: int) -> None:
    assert in_equal_rounds(jobs, at_a_time) == equal


class Gpu:
    """A device that is pretended: each job takes some memory, and all together are so fast."""

    def __init__(self, memory: int, of_a_job: int, together: Callable[[int], float], broken: int = -1) -> None:
        self.left, self.of_a_job, self.together, self.broken = memory, of_a_job, together, broken
        self.running = self.most = 0

    def free(self) -> int:
        return self.left

    def start(self, number: int) -> "Job":
        self.running += 1
        self.most = max(self.most, self.running)
        self.left -= self.of_a_job
        return Job(self, number)


class Job:
    """One of its jobs."""

    def __init__(self, gpu: Gpu, number: int) -> None:
        self.gpu, self.number = gpu, number

    def __enter__(self) -> "Job":
        return self

    def __exit__(self, *_: object) -> None:
        self.gpu.running -= 1

    def is_ready(self) -> None:
        if self.number == self.gpu.broken:
            raise OSError("no memory")

    def train(self, seconds: float) -> None:
        assert seconds == side_by_side.SECONDS

    def images_per_second(self) -> float:
        return self.gpu.together(self.gpu.running) / self.gpu.running


def measured(gpu: Gpu, jobs: int) -> list[int]:
    """The numbers of jobs that were measured; none is left."""
    found = rates([partial(gpu.start, number) for number in range(jobs)], gpu.free)
    assert gpu.running == 0
    assert all(found[count] == pytest.approx(gpu.together(count)) for count in found)
    return list(found)


def test_it_is_measured_as_long_as_it_is_worth_it() -> None:
    assert measured(Gpu(1000, 1, lambda jobs: 100.0 * jobs), 10) == [1, 2, 4, 8, 10]
    assert measured(Gpu(1000, 1, lambda jobs: 100.0 * min(jobs, 2)), 10) == [1, 2, 4]


def test_jobs_that_would_not_fit_are_not_begun() -> None:
    gpu = Gpu(1000, 200, lambda jobs: 100.0 * jobs)  # four leave 200 of 1000, and 100 are to stay free
    assert measured(gpu, 10) == [1, 2, 4]
    assert gpu.most == 4


def test_a_job_that_cannot_begin_ends_the_bench() -> None:
    assert measured(Gpu(1000, 1, lambda jobs: 100.0 * jobs, broken=3), 10) == [1, 2]
    assert measured(Gpu(1000, 1, lambda jobs: 100.0 * jobs, broken=0), 10) == []


def test_few_jobs_and_other_devices_are_not_measured() -> None:
    for jobs, device in ((2, "cuda"), (10, "mps")):
        assert measured_workers([Path("none.yaml")] * jobs, (), torch.device(device), pytest.fail) == 1


def test_a_process_trains_at_a_word(registry: Registry, tmp_path: Path) -> None:
    recipe = load_recipe(write_recipe(tmp_path, SMALL), (), registry)
    (tmp_path / "job.yaml").write_text(dump_recipe(recipe))
    with TrainingProcess(tmp_path / "job.yaml", ("--device", "cpu")) as training:
        training.is_ready()
        for _ in range(2):
            training.train(0.05)
            assert training.images_per_second() > 0
    assert training.process.returncode is not None
    with TrainingProcess(tmp_path / "gone.yaml", ()) as training, pytest.raises(OSError, match="it ended"):
        training.is_ready()
