"""Progress: a live bar on a terminal, one plain line an epoch elsewhere."""

from collections.abc import Iterable, Mapping

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from gcnet_core.runs import EpochMetrics
from gcnet_core.training.phases import MAIN


class TerminalProgress(Progress):
    """A bar with the time left, which is drawn on terminals only; a context manager.

    Args:
        description: of what is done.
        total: how many steps there are.
        console: where to write.
        extra: a text beside the bar, of the fields of the task.
    """

    def __init__(self, description: str, total: int, console: Console, extra: str = "") -> None:
        super().__init__(
            TextColumn("{task.description}", style="bold", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            *([TextColumn(extra, markup=False)] if extra else []),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self.task = self.add_task(description, total=total, speed="")


class TrainingProgress(TerminalProgress):
    """Shows how far training is, its losses, images per second and the time left.

    Args:
        steps: optimiser steps of all stages.
        console: where to write.
    """

    figures = ""

    def __init__(self, steps: int, console: Console) -> None:
        super().__init__("training", steps, console, extra="{task.fields[speed]}")

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar, then the figures, cut where the terminal ends."""
        yield self.make_tasks_table(self.tasks)
        yield Text(self.figures, style="dim", no_wrap=True, overflow="ellipsis")

    def step(self, done: int, stage: str, terms: Mapping[str, float], images_per_second: float) -> None:
        """Update the live bar."""
        if not self.disable:
            self.figures = written(terms)
            self.update(self.task, completed=done, description=stage, speed=f"{images_per_second:.0f} img/s")

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
            soft_wrap=True,
        )


def written(terms: Mapping[str, float]) -> str:
    """Loss terms, three digits each."""
    return "  ".join(f"{name} {value:#.3g}" for name, value in terms.items())
