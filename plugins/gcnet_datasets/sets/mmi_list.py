"""Frames of MMI that others cut out, with their list of labels."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.files.base import folds_by_subject
from gcnet_datasets.files.tree import Tree

CODES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
"""Numbers in such lists, from 0; the sessions themselves count from 1."""


def from_list(tree: Tree, listed: str) -> Iterator[Sample]:
    """The frames that a list names.

    Raises:
        UserError: as file:line, if a line is not like `S050_003_030.png 3` or its picture is missing.
    """
    files = {PurePosixPath(name).name: name for name in tree.pictures}
    first: dict[str, str] = {}
    for name in sorted(files):
        first.setdefault(name.rpartition("_")[0], name)
    samples: list[tuple[str, Sample]] = []
    for number, line in enumerate(tree.text(listed).splitlines(), start=1):
        where = f"{tree.root / listed}:{number}"
        match = re.fullmatch(r"(?:.*/)?((S\d+)_(\d+)_\d+\.\w+)\s+([0-5])\s*", line)
        if match is None and line.strip():
            raise UserError(f"{where}: {line!r} is not like `S050_003_030.png 3`")
        if match is None:
            continue
        if match[1] not in files:
            raise UserError(f"{where}: no picture {match[1]}")
        samples.append((match[1], Sample(files[match[1]], match[2], CODES[int(match[4])], session=match[3])))
    folds = folds_by_subject(sample for _, sample in samples)
    named = {name for name, _ in samples}
    for name, sample in samples:
        start = first[name.rpartition("_")[0]]
        yield Sample(
            image=sample.image,
            subject=sample.subject,
            expression=sample.expression,
            reference=None if start in named else files[start],
            session=sample.session,
            fold=folds[sample.subject],
        )
