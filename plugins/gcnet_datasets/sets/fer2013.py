"""FER2013 (Goodfellow et al., arXiv 1307.0414): 35,887 faces from the web, seven expressions, no identities."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError, UserPath
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.other_classes import note_on_other_classes
from gcnet_datasets.files.own_lists import bears
from gcnet_datasets.files.table import Row, code, rows
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name, known_expression

CODES = dict(enumerate(("anger", "disgust", "fear", "happiness", "sadness", "surprise", NEUTRAL)))
COUNTS = {
    "FER2013": (4953, 547, 5121, 8989, 6077, 4002, 6198),
    "Training of FER2013": (3995, 436, 4097, 7215, 4830, 3171, 4965),
    "PublicTest of FER2013": (467, 56, 496, 895, 653, 415, 607),
    "PrivateTest of FER2013": (491, 55, 528, 879, 594, 416, 626),
    "the test parts of FER2013": (958, 111, 1024, 1774, 1247, 831, 1233),
}
"""Images of each class, in the order of the numbers."""
TABLES = ("fer2013.csv", "icml_face_data.csv")
PARTS = {"train.csv": "train", "val.csv": "val", "test.csv": "test"}
"""Names of the lists with pixels, of which each holds everything, and of those that hold a part; the challenge gave
away both, and its test.csv has no labels."""


class FER2013Config(PublishedConfig):
    """FER2013 as a list of pixels or as class folders, zipped or not, with its published parts.

    People and their neutral faces are unknown. Copies with folders `train` and `test` put both test parts into `test`.
    """

    layout: ClassVar[str] = (
        "  fer2013.csv or icml_face_data.csv   (emotion,pixels,Usage), or train.csv, val.csv, test.csv\n"
        "  or Training|PublicTest|PrivateTest/<expression>/<image>, or train|test/<expression>/<image>"
    )

    codes: ClassVar[Mapping[int, str]] = CODES
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        what: dict(zip(CODES.values(), numbers, strict=True)) for what, numbers in COUNTS.items()
    }

    folder: UserPath = Field(description="the zip file, or the folder into which it was unpacked")
    instructions: str = Field(
        "FER2013 (Goodfellow et al., arXiv 1307.0414) was published for the challenge Representation Learning: Facial "
        "Expression Recognition of ICML 2013; its pictures come from the web and bear no licence, so take them for "
        "research only.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        found = list(_from_tables(tree)) or list(_from_folders(tree))
        for part in ("train", "test"):
            if found and not any(sample.usage == part for sample in found):
                raise self.incomplete(tree, f"no images of the {part} part")
        yield from found

    def framing(self) -> dict[str, float]:
        return {"eye_distance": 0.37, "eye_height": 0.40}  # python tests/benchmarks/framing.py fer2013.zip

    def notes(self) -> tuple[str, ...]:
        return (
            "FER2013 knows no people: the same person, even the same picture, is in more than one part. "
            "`gcnet data check` shows which.",
            *note_on_other_classes(self),
        )


def _from_tables(tree: Tree) -> Iterator[Sample]:
    whole = tree.named(TABLES[0]) or tree.named(TABLES[1])
    if whole:
        for row in rows(tree, whole, "emotion", "pixels", "Usage"):
            yield _listed(row, whole, row.cells["Usage"])
        return
    for file, part in PARTS.items():
        name = tree.named(file)
        if name and bears(tree, name, "pixels"):
            for row in rows(tree, name, "emotion", "pixels"):
                yield _listed(row, name, part)


def _listed(row: Row, table: str, part: str) -> Sample:
    expression = code(row, "emotion", CODES)
    if expression is None:
        raise UserError(f"{row.where}: emotion is {row.cells['emotion']}, not 0 to 6")
    usage = USAGE.get(part.lower())
    if usage is None:
        raise UserError(f"{row.where}: Usage is {part!r}, not Training, PublicTest or PrivateTest")
    return Sample(f"{table}#row={row.number}", None, expression, usage=usage)


def _from_folders(tree: Tree) -> Iterator[Sample]:
    for name in tree.pictures:
        place = PurePosixPath(name).parts
        if len(place) > 2 and place[-3].lower() in USAGE and known_expression(place[-2]):
            yield Sample(name, None, expression_name(place[-2]), usage=USAGE[place[-3].lower()])
