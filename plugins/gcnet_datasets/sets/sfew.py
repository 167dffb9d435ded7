"""SFEW 2.0 (Dhall et al., ICCV Workshops 2011): stills from films, divided by film."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.plugin_api import Sample, Usage
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.other_classes import note_on_other_classes
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name, known_expression

PARTS: dict[str, Usage] = {"train": "train", "val": "test"}
CLASSES = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


class SFEWConfig(PublishedConfig):
    """SFEW: the aligned faces of `Train` and `Val`, unpacked or zipped.

    `Val` is what everybody reports; `Test` has no labels. The subject is unknown; films are kept apart by the division
    itself and named as `session`.
    """

    layout: ClassVar[str] = (
        "  Train/Train_Aligned_Faces/Angry/Airheads_000519240_00000005.png ...\n"
        "  Val/Val_Aligned_Faces_new/Angry/... (or the zips Train_Aligned_Faces.zip, Val_Aligned_Faces_new.zip)"
    )

    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "Train of SFEW": dict(zip(CLASSES, (178, 52, 78, 184, 144, 161, 94), strict=True)),
        "Val of SFEW": dict(zip(CLASSES, (77, 23, 46, 72, 84, 73, 56), strict=True)),
    }

    instructions: str = Field(
        "SFEW 2.0 (Dhall et al. 2011) is given away on request by its authors, for research.",
        description="what the data are and how to get them",
    )

    def notes(self) -> tuple[str, ...]:
        return note_on_other_classes(self)

    def find(self, tree: Tree) -> Iterator[Sample]:
        seen: set[tuple[str, str]] = set()
        for name, match in tree.matching(r"(Train|Val)_Aligned_Faces[^/]*/(?:.*/)?([^/]+)/([^/]+)(\.\w+)$"):
            part, folder, stem, suffix = match.groups()
            known = suffix.lower() in PICTURE_SUFFIXES and known_expression(folder)
            usage = PARTS[part.lower()]
            if known and (usage, stem) not in seen:  # a zip beside what was unpacked from it counts once
                seen.add((usage, stem))
                yield Sample(name, None, expression_name(folder), session=stem.split("_")[0], usage=usage)
