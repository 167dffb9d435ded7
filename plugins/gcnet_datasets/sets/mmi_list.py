"""Frames of MMI that others cut out, with their list of labels."""

import dataclasses
import re
from collections.abc import Iterator

from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.base import folds_by_subject
from gcnet_datasets.files.table import lines
from gcnet_datasets.files.tree import Tree

CODES = ("anger", "disgust", "fear", "happiness", "sadness", "surprise")
"""Numbers in such lists, from 0; the sessions themselves count from 1."""


def names_frames(tree: Tree, listed: str) -> bool:
    """Whether a list, whose name many others have, names frames of MMI."""
    return any(re.search(r"S\d+_\d+_\d+\.\w+", line) for _, line in lines(tree, listed))


def from_list(tree: Tree, listed: str) -> Iterator[Sample]:
    """The frames that a list names.

    Raises:
        UserError: as file:line, if a line is not like `S050_003_030.png 3` or its picture is missing.
    """
    files = BareNames(tree)
    first_frame: dict[str, str] = {}
    for name in sorted(files.found):
        first_frame.setdefault(_session(name), name)
    samples: list[tuple[str, Sample]] = []
    for where, line in lines(tree, listed):
        match = re.fullmatch(r"(?:.*/)?((S\d+)_(\d+)_\d+\.\w+)\s+([0-5])\s*", line)
        if match is None:
            raise UserError(f"{where}: {line!r} is not like `S050_003_030.png 3`")
        picture = files.get(match[1], where)
        if picture is None:
            raise UserError(f"{where}: no picture {match[1]}")
        samples.append((match[1], Sample(picture, match[2], CODES[int(match[4])], session=match[3])))
    folds = folds_by_subject(sample for _, sample in samples)
    labelled = {name for name, _ in samples}
    for name, sample in samples:
        first = first_frame[_session(name)]
        reference = None if first in labelled else files.get(first, listed)
        yield dataclasses.replace(sample, reference=reference, fold=folds[sample.subject])


def _session(name: str) -> str:
    """Subject and session of a frame: S050_003 of S050_003_030.png."""
    return name.rpartition("_")[0]
