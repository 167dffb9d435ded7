"""CK+48: the last three frames of each labelled sequence of CK+, cut out in 48 x 48 pixels, as copies go around."""

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, Sample
from gcnet_datasets.files.base import PublishedConfig, folds_by_subject
from gcnet_datasets.files.tree import PICTURES, Tree
from gcnet_datasets.labels import CANONICAL_NAME, expression_name
from gcnet_datasets.sets.ckplus import SEQUENCES

CODES = dict(enumerate(("anger", "disgust", "fear", "happiness", "sadness", "surprise", "contempt")))
"""The numbers of a copy in one file, CK_data.h5, that went around beside the folders."""


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
        samples: list[Sample] = []
        references: dict[str | None, dict[str | None, str]] = {}
        frames: dict[str, int] = {}
        last: dict[tuple[str | None, str | None], int] = {}  # number of the peak frame of each sequence
        for name, match in tree.matching(r"([^/]+)/(S\d+)_(\d+)_(\d+)\.\w+$"):
            if PurePosixPath(name).suffix.lower() not in PICTURES or match[1].lower() not in CANONICAL_NAME:
                continue
            expression, subject, sequence = expression_name(match[1]), match[2].upper(), match[3]
            if expression == NEUTRAL:
                references.setdefault(subject, {})[sequence] = name
            samples.append(Sample(name, subject, expression, session=sequence))
            frames[name] = int(match[4])
            last[subject, sequence] = max(last.get((subject, sequence), 1), frames[name])
        folds = folds_by_subject(sample for sample in samples if sample.expression != NEUTRAL)
        for sample in samples:
            if sample.expression != NEUTRAL or self.neutral:
                own = references.get(sample.subject, {})
                reference = own.get(sample.session) or next(iter(own.values()), None)
                yield dataclasses.replace(
                    sample,
                    reference=reference,
                    fold=folds.get(sample.subject),
                    intensity=frames[sample.image] / last[sample.subject, sample.session],
                )

    def notes(self) -> tuple[str, ...]:
        if any(sample.reference for sample in self.all_samples):
            return ()
        return (
            "CK+48 without a folder of neutral frames has no true references: GCNet cannot learn to generate one from "
            "it. Take CK+ with its sequences (dataset ckplus), a generator trained on other data, or stand-ins "
            "(missing_references).",
        )
