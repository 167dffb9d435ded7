"""The table with which `gcnet predict` ends on a terminal, and the lines that it prints before a camera."""

from collections.abc import Sequence
from typing import TextIO

from rich.box import SIMPLE_HEAD
from rich.table import Table

from gcnet_core.inference.results import FaceResult
from gcnet_core.output.console import Console
from gcnet_core.output.visible import one_line

MOST = 40
"""Rows that are shown."""


class ResultTable:
    """Shows the first rows.

    Args:
        file: the terminal.
        live: whether each row is printed at once, as somebody waits before a camera.
    """

    def __init__(self, file: TextIO, live: bool) -> None:
        self.console, self.live = Console(file=file, highlight=False), live
        self.rows: list[FaceResult] = []
        self.more = 0

    def add(self, faces: Sequence[FaceResult]) -> None:
        """Take the faces of a picture."""
        if self.live:
            for face in faces:
                words = [_time(face), str(face.number or ""), face.label or face.reason, _share(face)]
                self.console.print("  ".join(one_line(word) for word in words if word))
            return
        room = MOST - len(self.rows)
        self.rows += faces[:room]
        self.more += max(0, len(faces) - room)

    def end(self) -> None:
        """Print the table."""
        if not self.rows:
            return
        timed = any(face.time is not None for face in self.rows)
        table = Table(box=SIMPLE_HEAD)
        table.add_column("file", overflow="fold")
        if timed:
            table.add_column("time", justify="right")
        table.add_column("face", justify="right")
        for heading in ("expression", "", "or"):
            table.add_column(heading)
        for face in self.rows:
            time = [_time(face)] if timed else []
            answer = [one_line(face.label or face.reason), _share(face), _second(face)]
            table.add_row(one_line(face.file), *time, str(face.number or ""), *answer)
        self.console.print(table)
        if self.more:
            self.console.print(f"and {self.more} more; --output FILE.csv keeps all of them")


def _time(face: FaceResult) -> str:
    return "" if face.time is None else f"{face.time:.2f} s"


def _share(face: FaceResult) -> str:
    return f"{max(face.probabilities.values()):.0%}" if face.probabilities else ""


def _second(face: FaceResult) -> str:
    """The second answer."""
    if len(face.probabilities) < 2:
        return ""
    second = sorted(face.probabilities, key=face.probabilities.__getitem__)[-2]
    return one_line(f"{second} {face.probabilities[second]:.0%}")
