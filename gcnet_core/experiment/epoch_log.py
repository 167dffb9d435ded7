"""The file metrics.jsonl of a run: one line an epoch."""

import json
from pathlib import Path
from typing import Any

from gcnet_core.files import write_text


class EpochLog:
    """Writes and reads the metrics of the epochs of a run.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def truncate(self, epochs: int) -> None:
        """Keep the lines of the first epochs; later ones, written after the checkpoint, will be written again."""
        write_text(self.path, "".join(self._lines()[:epochs]))

    def append(self, metrics: dict[str, Any]) -> None:
        """Add the line of an epoch."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(metrics) + "\n")

    def images_per_second(self) -> float | None:
        """Over all epochs; None if no time passed."""
        epochs = [json.loads(line) for line in self._lines()]
        seconds = sum(epoch["seconds"] for epoch in epochs)
        images = sum(epoch["images_per_second"] * epoch["seconds"] for epoch in epochs)
        return images / seconds if seconds else None

    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines(keepends=True) if self.path.is_file() else []
