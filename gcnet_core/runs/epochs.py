"""The file metrics.jsonl of a run: one line an epoch."""

from pathlib import Path

from gcnet_core.files import append_text, write_text
from gcnet_core.runs.record import as_line, read_lines
from gcnet_core.runs.summary import EpochMetrics


class EpochLog:
    """Writes and reads the metrics of the epochs of a run.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def truncate(self, epochs: int) -> None:
        """Keep the lines of the first epochs; later ones, written after the checkpoint, will be written again."""
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True) if self.path.is_file() else []
        write_text(self.path, "".join(lines[:epochs]))

    def append(self, metrics: EpochMetrics) -> None:
        """Add the line of an epoch."""
        append_text(self.path, as_line(metrics))

    def read(self) -> list[EpochMetrics]:
        """All epochs so far."""
        return read_lines(self.path, EpochMetrics)

    def images_per_second(self) -> float | None:
        """Over all epochs; None if no time passed."""
        epochs = self.read()
        seconds = sum(epoch.seconds for epoch in epochs)
        images = sum(epoch.images_per_second * epoch.seconds for epoch in epochs)
        return images / seconds if seconds else None
