"""ckextended.csv: the peak frames of CK+ and neutral ones in the format of FER2013, as a copy goes around."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.table import code, rows
from gcnet_datasets.files.tree import Tree

CODES = dict(enumerate(("anger", "disgust", "fear", "happiness", "sadness", "surprise", NEUTRAL, "contempt")))


class CKExtendedConfig(PublishedConfig):
    """CK+ as `emotion,pixels,Usage`. Nobody knows who is in the pictures, so no figure on it is about new people."""

    layout: ClassVar[str] = "  ckextended.csv   (emotion,pixels,Usage)"

    codes: ClassVar[Mapping[int, str]] = CODES

    instructions: str = Field(
        "ckextended.csv is a copy of CK+ (Lucey et al. 2010), which its authors give away for research only.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        name = tree.named("ckextended.csv")
        for row in rows(tree, name, "emotion", "pixels", "Usage") if name else ():
            expression, usage = code(row, "emotion", CODES), USAGE.get(row.cells["Usage"].lower())
            if expression is None or usage is None:
                raise UserError(f"{row.where}: emotion {row.cells['emotion']}, Usage {row.cells['Usage']}: not known")
            yield Sample(f"{name}#row={row.number}", None, expression, usage=usage)

    def notes(self) -> tuple[str, ...]:
        return (
            "ckextended.csv has no subjects: the same people train and are tested, so accuracies on it say nothing "
            "about new people. Take CK+ itself (dataset ckplus or ckplus48) for figures to publish.",
        )
