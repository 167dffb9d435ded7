"""JAFFE (Lyons et al., FG 1998): ten women, seven expressions, grey."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from gcnet_core.data.picture_files import is_picture
from gcnet_core.plugin_api import Sample
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.references import with_other_neutral
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name


class JAFFEConfig(PublishedConfig):
    """JAFFE: the second field of the name is the expression, the first the person.

    For leave-one-subject-out give `split: {scheme: subjects, folds: 10, fold: all}`.
    """

    layout: ClassVar[str] = "  KA.AN1.39.tiff ...   (or .jpg, .png, .bmp; flat or in folders)"

    instructions: str = Field(
        "JAFFE (Lyons et al. 1998) is given away on request at Zenodo, record 3451524, for non-commercial research.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        samples = [
            Sample(name, match[1].upper(), expression_name(match[2]))
            for name, match in tree.matching(r"(?:^|/)([A-Z]{2})\.(AN|DI|FE|HA|NE|SA|SU)\d+\.\d+(?:\.\w+)+$")
            if is_picture(name)  # also of two suffixes, as KA.AN1.39.tiff.bmp
        ]
        yield from with_other_neutral(samples)
