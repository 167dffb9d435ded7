"""A disk that is full at the n-th write, and what a run must be after it: told, tidy, and as if nothing had been."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

TIMES = ("seconds", "images_per_second", "metrics.jsonl", "sha256")
"""Keys that differ from run to run; checksums cover them."""


class Disk:
    """Counts what is written whole, and refuses from a number on."""

    def __init__(self, full_from: int | None = None) -> None:
        self.full_from, self.writes = full_from, 0

    @contextmanager
    def __call__(self) -> Iterator["Disk"]:
        sync, replace = os.fsync, os.replace
        with (
            mock.patch("os.fsync", lambda file: self._take() or sync(file)),
            mock.patch("os.replace", lambda old, new: self._take() or replace(old, new)),
        ):
            yield self

    def _take(self) -> None:
        self.writes += 1
        if self.full_from is not None and self.writes >= self.full_from:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def leftovers(folder: Path) -> list[Path]:
    """Temporary files and locks below a folder."""
    return [path for path in folder.rglob(".*") if path.name.startswith(".gcnet-")]


SHOW_TIMES = (".html", ".png", ".pdf", ".log")
TABLES_WITH_TIMES = ("comparison.csv", "comparison.md")
"""Made of comparison.json, which is compared."""


def contents(folder: Path) -> dict[str, Any]:
    """All that a run leaves, by its place, without the times that it took."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".json", ".jsonl"):
            lines = path.read_text().splitlines() if path.suffix == ".jsonl" else [path.read_text()]
            found[name] = [_timeless(json.loads(line)) for line in lines]
        elif path.is_file() and path.suffix not in SHOW_TIMES and path.name not in TABLES_WITH_TIMES:
            found[name] = path.read_bytes()
        else:
            found[name] = None
    return found


def _timeless(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _timeless(value) for key, value in values.items() if key not in TIMES}
    return [_timeless(value) for value in values] if isinstance(values, list) else values
