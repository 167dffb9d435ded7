"""ExpW (Zhang et al., ICCV 2015): 91,793 faces found by search engines, seven expressions."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.data.picture_files import split_name
from gcnet_core.plugin_api import NEUTRAL, Sample, UserError
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.table import lines
from gcnet_datasets.files.tree import Tree

CODES = dict(enumerate(("anger", "disgust", "fear", "happiness", "sadness", "surprise", NEUTRAL)))


class ExpWConfig(PublishedConfig):
    """ExpW: label.lst gives name, face number, box as TOP LEFT RIGHT BOTTOM, confidence of the detector, expression.

    There is no published division and no subject; faces of one photograph are one `subject`, so that it is never split.
    """

    layout: ClassVar[str] = "  data/label/label.lst, data/image/origin/<name>.jpg"

    names_people: ClassVar[bool] = False
    codes: ClassVar[Mapping[int, str]] = CODES
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "ExpW": dict(zip(CODES.values(), (3671, 3995, 1088, 30537, 10559, 7060, 34883), strict=True))
    }

    confidence: float = Field(0.0, description="least confidence of the face box to keep a face")
    instructions: str = Field(
        "ExpW (Zhang et al. 2015) is given away by its authors at the Chinese University of Hong Kong, for research.",
        description="what the data are and how to get them",
    )

    def why_left_out(self, name: str) -> str:
        if PurePosixPath(name).name in self.shown:
            return "a picture of the same name lies in origin, which is taken"
        return super().why_left_out(name)

    @cached_property
    def shown(self) -> frozenset[str]:
        """Bare names of the pictures that show a face of the list."""
        return frozenset(PurePosixPath(split_name(sample.image)[0]).name for sample in self.all_samples)

    def find(self, tree: Tree) -> Iterator[Sample]:
        listed = tree.named("label.lst")
        files = BareNames(tree, folder="origin")  # some copies hold small ones as well, where the boxes do not fit
        for where, line in lines(tree, listed) if listed else ():
            try:
                name, _, top, left, right, bottom, confidence, label = line.split()
                box = (int(left), int(top), int(right) - int(left), int(bottom) - int(top))
                expression, sure = CODES[int(label)], float(confidence)
            except (ValueError, KeyError) as error:
                raise UserError(
                    f"{where}: not `name face_id top left right bottom confidence expression` ({error})"
                ) from error
            file = files.get(name, where)
            if file is None:
                raise UserError(f"{where}: no picture {name}")
            if sure >= self.confidence:
                yield Sample(f"{file}#xywh={','.join(map(str, box))}", name, expression)
