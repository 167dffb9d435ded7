"""CK+ (Lucey et al., CVPR Workshops 2010): sequences from the neutral face to the peak of an expression."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, Sample, UserError
from gcnet_datasets.files.base import PublishedConfig, folds_by_subject
from gcnet_datasets.files.sequence import in_order, peak_samples
from gcnet_datasets.files.tree import Tree

CODES = (NEUTRAL, "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
"""The numbers in *_emotion.txt; 0 is not used."""
SEQUENCES = dict(zip(CODES[1:], (45, 18, 59, 25, 69, 28, 83), strict=True))
"""Labelled sequences of each class."""


class CKPlusConfig(PublishedConfig):
    """CK+ as its authors give it away: the last frames of each labelled sequence, the first as reference.

    327 of 593 sequences have a label, of 118 people. 7 expressions; with `neutral: true` the first frames are samples
    too; for the six basic expressions leave contempt out of `classes`. Folds: subjects in ascending order, modulo ten.
    """

    layout: ClassVar[str] = (
        "  cohn-kanade-images/S005/001/S005_001_00000001.png ...\n"
        "  Emotion/S005/001/S005_001_00000011_emotion.txt"
    )  # fmt: skip

    codes: ClassVar[Mapping[int, str]] = dict(enumerate(CODES))
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {"the sequences of CK+": SEQUENCES}

    peaks: int = Field(3, ge=1, le=10_000, description="frames taken from the end of each sequence")
    neutral: bool = Field(False, description="add the first frame of each sequence as a neutral sample")
    instructions: str = Field(
        "CK+ (Lucey et al. 2010) is given away by its authors at the University of Pittsburgh, for research only.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        labels = dict(_labels(tree))
        frames = _frames(tree)
        if frames and not labels:
            raise self.incomplete(tree, "frames, but no folder Emotion with labels")
        if labels and not frames:
            raise self.incomplete(tree, "labels, but no folder cohn-kanade-images with frames")
        labelled = sorted(sequence for sequence in frames if sequence in labels)
        folds = folds_by_subject(Sample("", subject, "") for subject, _ in labelled)
        for subject, number in labelled:
            names = in_order(frames[subject, number])
            shown = Sample(names[0], subject, labels[subject, number], session=number, fold=folds[subject])
            yield from peak_samples(names, shown, "last", self.peaks, neutral=self.neutral)

    def why_left_out(self, name: str) -> str:
        reason = super().why_left_out(name)
        unlabelled = reason == "nothing names it" and re.search(r"cohn-kanade-images/S\d+/\d+/", name, re.IGNORECASE)
        return "a sequence without a label" if unlabelled else reason

    def notes(self) -> tuple[str, ...]:
        found = len({(sample.subject, sample.session) for sample in self.all_samples})
        expected = sum(SEQUENCES.values())
        return () if found == expected else (f"CK+: {found} labelled sequences with frames, of {expected}.",)


def _frames(tree: Tree) -> dict[tuple[str, str], list[str]]:
    """The frames of each sequence, by subject and number."""
    frames: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, match in tree.matching(r"cohn-kanade-images/(S\d+)/(\d+)/[^/]+\.png$"):
        frames[match[1].upper(), match[2]].append(name)
    return frames


def _labels(tree: Tree) -> Iterator[tuple[tuple[str, str], str]]:
    """The expression of each sequence; folders of sequences without a label are empty."""
    for name, match in tree.matching(r"(S\d+)/(\d+)/[^/]+_emotion\.txt$"):
        text = tree.text(name)
        found = re.match(r"\s*(\d+)\.0*(e[+-]?0+)?\s*$", text)
        if not found or int(found[1]) >= len(CODES):
            raise UserError(f"{tree.root / name}: {text.strip()!r} is not the number of an expression, 1 to 7")
        yield (match[1].upper(), match[2]), CODES[int(found[1])]
