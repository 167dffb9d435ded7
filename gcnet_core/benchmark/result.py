"""What a benchmark found, as numbers."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class StageSpeed:
    """How fast one stage trains.

    Args:
        images_per_second: of the trainer, the median of the rounds.
        step_seconds: of the trainer, the median and the 95th percentile over all steps.
        processor_seconds: of a step, of all threads, the median of the rounds; others on the machine do not count.
        against_bare_loop: time of a step of the trainer relative to one of the bare loop, the median of the rounds.
        processor_against_bare_loop: the same in time of the processor.
        waiting_for_data: share of a step in which the trainer waits for pictures, or makes those asked for later.
        shares: of a step of the bare loop, by phase and what is computed; they add up to 1.
        flops: floating-point operations of a step, as torch counts them.
        flops_of_peak: those in a second of the bare loop, relative to the machine's measured peak; on a CPU others on
            the machine do not count where one thread works.
        first_step: seconds of the first steps, in which `training.compile` compiles.
    """

    images_per_second: float
    step_seconds: tuple[float, float]
    processor_seconds: float
    against_bare_loop: float
    processor_against_bare_loop: float
    waiting_for_data: float
    shares: dict[str, float]
    flops: int
    flops_of_peak: float
    first_step: float


@dataclass(frozen=True)
class Benchmark:
    """How fast a recipe trains on a machine.

    Args:
        recipe: its name.
        device: what it ran on, in words.
        threads: of the CPU.
        precision: of forward passes.
        batch_size: images of a batch.
        images: of the data.
        seconds: that went by before the first step, by what was done.
        peak_flops: floating-point operations per second that the machine reached in a product of matrices.
        peak_memory: bytes, of the GPU, or of the process where there is none.
        stages: by name.
        versions: of what the figures depend on.
    """

    recipe: str
    device: str
    threads: int
    precision: str
    batch_size: int
    images: int
    seconds: dict[str, float]
    peak_flops: float
    peak_memory: int
    stages: dict[str, StageSpeed]
    versions: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)
