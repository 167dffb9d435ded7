"""Progress: a live bar on a terminal, one plain line an epoch elsewhere."""

from collections.abc import Iterable, Mapping
from types import TracebackType

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from gcnet_core.runs import EpochMetrics
from gcnet_core.training.phases import MAIN


class LiveBar(Progress):
    """A bar with a line of figures below it."""

    figures = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar, then the figures, cut where the terminal ends."""
        yield self.make_tasks_table(self.tasks)
        yield Text(self.figures, style="dim", no_wrap=True, overflow="ellipsis")


class TrainingProgress:
    """Shows how far training is, its losses, images per second and the time left.

    Args:
        steps: optimiser steps of all stages.
        console: where to write.
    """

    def __init__(self, steps: int, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self.bar = LiveBar(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not self.live,
        )
        self.task = self.bar.add_task("training", total=steps, speed="")

    def __enter__(self) -> "TrainingProgress":
        self.bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bar.stop()

    def step(self, done: int, stage: str, terms: Mapping[str, float], images_per_second: float) -> None:
        """Update the live bar."""
        if self.live:
            self.bar.figures = written(terms)
            self.bar.update(self.task, completed=done, description=stage, speed=f"{images_per_second:.0f} img/s")

    def epoch(self, metrics: EpochMetrics) -> None:
        """Print the figures of an epoch."""
        figures = []
        for phase, terms in metrics.losses.items():
            figures.append(written(terms) if phase == MAIN else f"[{phase}] {written(terms)}")
        if metrics.train_accuracy is not None:
            figures.append(f"train accuracy {metrics.train_accuracy:.1%}")
        if metrics.validation_accuracy is not None:
            figures.append(f"validation accuracy {metrics.validation_accuracy:.1%}")
        self.console.print(
            f"{metrics.stage} {metrics.epoch}/{metrics.epochs}  {'  '.join(figures)}"
            f"  {metrics.images_per_second:.0f} img/s",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def written(terms: Mapping[str, float]) -> str:
    """Loss terms, three digits each."""
    return "  ".join(f"{name} {value:#.3g}" for name, value in terms.items())
