"""A task with its files as one thing that is sent to a machine which does not see them, and the run that comes back."""

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gcnet_core.files import append_text
from gcnet_core.interfaces import Ended, Task, TaskRunner
from gcnet_core.temporary import temporary_folder


@dataclass(frozen=True)
class Package:
    """What is sent: a task, the content of its inputs by name, and its run as far as it is, an archive."""

    task: Task
    inputs: Mapping[str, bytes]
    run: bytes


@dataclass(frozen=True)
class Returned:
    """What comes back: how the task ended, what it said, and its run."""

    ended: Ended
    log: str
    run: bytes


def packed(task: Task) -> Package:
    """A task with all that it needs beside data and plugins."""
    inputs = {path.name: (task.directory / path).read_bytes() for path in task.inputs}
    return Package(task, inputs, _archive(task.directory / task.folder))


def run_packed(package: Package) -> Returned:
    """Run a task in a temporary folder of the machine where this is called."""
    with tempfile.TemporaryDirectory(prefix="gcnet-") as name:
        place = Path(name)
        task = package.task.at(place)
        if not task.directory.is_dir():  # then its paths are not relative
            task = replace(task, directory=place)
        for file, content in package.inputs.items():
            (place / file).write_bytes(content)
        _extract(package.run, place)
        ended = TaskRunner()(task)
        log = task.log.read_text(encoding="utf-8", errors="replace") if task.log.is_file() else ""
        return Returned(replace(ended, task=package.task), log, _archive(task.folder))


def unpack(returned: Returned, task: Task) -> Ended:
    """Put what came back into the place of the task."""
    folder = task.directory / task.folder
    append_text(task.directory / task.log, returned.log)
    with temporary_folder(folder.parent) as beside:
        _extract(returned.run, beside)
        if (beside / folder.name).is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(beside / folder.name, folder)
    return replace(returned.ended, task=task)


def _archive(folder: Path) -> bytes:
    """The folder as a tar file; an empty one where there is no folder."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        if folder.is_dir():
            archive.add(folder, folder.name)
    return content.getvalue()


def _extract(archive: bytes, place: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        members.extractall(place, filter="data")
