"""CK+48: the last three frames of each labelled sequence of CK+, cut out in 48 x 48 pixels, as copies go around."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.plugin_api import NEUTRAL, Sample
from gcnet_datasets.files.base import PublishedConfig, folds_by_subject
from gcnet_datasets.files.other_classes import note_on_other_classes
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name, known_expression
from gcnet_datasets.sets.ckplus import SEQUENCES

CODES = dict(enumerate(("anger", "disgust", "fear", "happiness", "sadness", "surprise", "contempt")))
"""The numbers of a copy in one file, CK_data.h5, that went around beside the folders."""


Frame = tuple[Sample, int]
"""A picture, and the number of its frame in the sequence."""


class CKPlus48Config(PublishedConfig):
    """CK+ in class folders; subject and sequence stand in the file name.

    A folder `neutral` of first frames, if there is one, gives the references; the usual copy has none. Folds: subjects
    in ascending order, modulo ten.
    """

    layout: ClassVar[str] = (
        "  anger/S010_004_00000017.png, contempt/..., disgust/..., fear/..., happy/..., sadness/..., surprise/...\n"
        "  neutral/S010_004_00000001.png   (optional: first frames, for references)"
    )

    codes: ClassVar[Mapping[int, str]] = CODES
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "CK+48": {name: 3 * count for name, count in SEQUENCES.items()}
    }

    neutral: bool = Field(
        False, description="take the first frames as neutral samples too; only if one tool cut them all out"
    )
    instructions: str = Field(
        "CK+48 is a copy of CK+ (Lucey et al. 2010), which its authors give away for research only.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        frames = list(_frames(tree))
        expressive = [sample for sample, _ in frames if sample.expression != NEUTRAL]
        folds = folds_by_subject(expressive)
        references = _references([sample for sample, _ in frames if sample.expression == NEUTRAL])
        peaks = _peaks(frames)
        for sample, number in frames:
            if sample.expression == NEUTRAL and not self.neutral:
                continue
            own = references[sample.subject]
            yield dataclasses.replace(
                sample,
                reference=own.get(sample.session) or next(iter(own.values()), None),
                fold=folds.get(sample.subject),
                intensity=number / peaks[sample.subject, sample.session],
            )

    def notes(self) -> tuple[str, ...]:
        others = note_on_other_classes(self)
        if any(sample.reference for sample in self.all_samples):
            return others
        return (
            *others,
            "CK+48 without a folder of neutral frames has no true references: GCNet cannot learn to generate one from "
            "it. Take CK+ with its sequences (dataset ckplus), a generator trained on other data, or stand-ins "
            "(missing_references).",
        )


def _frames(tree: Tree) -> Iterator[Frame]:
    for name, match in tree.matching(r"([^/]+)/(S\d+)_(\d+)_(\d+)\.\w+$"):
        folder, subject, sequence, number = match.groups()
        if PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES and known_expression(folder):
            yield Sample(name, subject.upper(), expression_name(folder), session=sequence), int(number)


def _references(neutral: Iterable[Sample]) -> dict[str | None, dict[str | None, str]]:
    """The neutral frame of each sequence, by subject."""
    references: dict[str | None, dict[str | None, str]] = defaultdict(dict)
    for sample in neutral:
        references[sample.subject][sample.session] = sample.image
    return references


def _peaks(frames: Iterable[Frame]) -> dict[tuple[str | None, str | None], int]:
    """Number of the peak frame of each sequence, the last one there is."""
    peaks: dict[tuple[str | None, str | None], int] = defaultdict(lambda: 1)
    for sample, number in frames:
        sequence = sample.subject, sample.session
        peaks[sequence] = max(peaks[sequence], number)
    return peaks
