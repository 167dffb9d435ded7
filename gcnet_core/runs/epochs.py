"""The file metrics.jsonl of a run: one line an epoch."""

from pathlib import Path

from gcnet_core.files import append_text, write_text
from gcnet_core.plugin_api import UserError
from gcnet_core.runs.intact import is_there
from gcnet_core.runs.record import as_line, parse_record, read_lines, read_text
from gcnet_core.runs.summary import EpochMetrics


class EpochLog:
    """Writes and reads the metrics of the epochs of a run.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def truncate(self, epochs: int) -> None:
        """Keep the lines of the first epochs; later ones, written after the checkpoint, will be written again.

        Raises:
            UserError: if one that is to be kept is damaged, before hours of training.
        """
        try:
            lines = read_text(self.path).splitlines(keepends=True) if is_there(self.path) else []
            for number, line in enumerate(lines[:epochs], start=1):
                parse_record(f"{self.path}:{number}", line, EpochMetrics)
        except UserError as error:
            raise UserError(f"{error}; take the file away to go on without the curves so far") from error
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
