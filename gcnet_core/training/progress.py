"""Progress: a live bar on a terminal, one plain line an epoch elsewhere."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


class TrainingProgress:
    """Shows how far training is, its losses, images per second and the time left.

    Args:
        steps: optimiser steps of all stages.
        console: where to write.
    """

    def __init__(self, steps: int, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self.bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            disable=not self.live,
        )
        self.task = self.bar.add_task("training", total=steps, figures="")

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
            figures = " ".join(f"{name} {value:.3f}" for name, value in terms.items())
            text = f"{figures} {images_per_second:.0f} img/s"
            self.bar.update(self.task, completed=done, description=stage, figures=text)

    def epoch(self, line: Mapping[str, Any]) -> None:
        """Print the figures of an epoch."""
        losses = line["losses"]["main"]
        figures = "  ".join(f"{name} {value:.4f}" for name, value in losses.items())
        accuracies = "".join(
            f"  {name} accuracy {line[f'{name}_accuracy']:.1%}"
            for name in ("train", "validation")
            if line[f"{name}_accuracy"] is not None
        )
        self.console.print(
            f"{line['stage']} {line['epoch']}/{line['epochs']}  {figures}{accuracies}"
            f"  {line['images_per_second']:.0f} img/s",
            highlight=False,
            soft_wrap=True,
        )
