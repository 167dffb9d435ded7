"""AffectNet (Mollahosseini, Hasani and Mahoor, arXiv 1708.03985), as it came before 2021 and as it comes since."""

import io
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.plugin_api import NEUTRAL, Sample, Usage, UserError
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.other_classes import note_on_other_classes
from gcnet_datasets.files.own_lists import bears
from gcnet_datasets.files.table import code, rows
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import folder_expression

CODES = dict(enumerate((NEUTRAL, "happiness", "sadness", "surprise", "fear", "disgust", "anger", "contempt")))
"""8 none, 9 uncertain and 10 no face are no expressions; rows with them are left out."""

LISTS: dict[str, Usage] = {"training.csv": "train", "validation.csv": "test"}
PATHS = "subDirectory_filePath"
"""The column that no other data set has."""
PARTS: dict[str, Usage] = {"train": "train", "val": "test"}
"""The test images are not public: everybody reports figures of the validation part, so here it is the tested one."""


class AffectNetConfig(PublishedConfig):
    """AffectNet: lists with face boxes, or numbered images with one annotation file each.

    For seven classes leave out contempt. Hold back training images for choices with `split.validation`: the validation
    part is what is reported.
    """

    layout: ClassVar[str] = (
        "  training.csv, validation.csv   (subDirectory_filePath,face_x,...,expression,valence,arousal)\n"
        "  Manually_Annotated_Images/<folder>/<name>.jpg\n"
        "  or train_set|val_set/images/0.jpg, train_set|val_set/annotations/0_exp.npy\n"
        "  or train|val/<0 to 7, or an expression>/<image>"
    )

    codes: ClassVar[Mapping[int, str]] = CODES
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "the training part of AffectNet": dict(
            zip(CODES.values(), (74874, 134415, 25459, 14090, 6378, 3803, 24882, 3750), strict=True)
        )
    }

    crop: bool = Field(True, description="cut out the face box that the lists give; newer crops need none")
    instructions: str = Field(
        "AffectNet (Mollahosseini et al., arXiv 1708.03985) is given away on request by its authors, for research.",
        description="what the data are and how to get them",
    )

    def notes(self) -> tuple[str, ...]:
        return (*self.rows_left_out("AffectNet"), *note_on_other_classes(self))

    def find(self, tree: Tree) -> Iterator[Sample]:
        pictures = set(tree.pictures)
        named = {file: tree.named(file) for file in LISTS}
        lists = {file: name for file, name in named.items() if name and bears(tree, name, PATHS)}
        for file, listed in lists.items():
            yield from self._from_list(tree, listed, LISTS[file], pictures)
        if not lists:
            yield from _from_annotations(tree, pictures)
            found = list(_from_folders(tree))
            if {sample.usage for sample in found} == set(PARTS.values()):
                yield from found

    def _from_list(self, tree: Tree, listed: str, usage: Usage, pictures: set[str]) -> Iterator[Sample]:
        ends = {"/".join(name.split("/")[-2:]).lower(): name for name in pictures}
        columns = (PATHS, "face_x", "face_y", "face_width", "face_height", "expression")
        for row in rows(tree, listed, *columns):
            expression = code(row, "expression", CODES)
            image = ends.get(row.cells[PATHS].lower())
            if expression is None:
                tree.rows_left_out[_no_expression(row.cells["expression"])] += 1
                continue
            if image is None:
                raise UserError(f"{row.where}: no picture {row.cells[PATHS]}")
            box = ",".join(row.cells[column] for column in columns[1:5])
            yield Sample(f"{image}#xywh={box}" if self.crop else image, None, expression, usage=usage)


def _no_expression(number: str) -> str:
    """What a number that stands for no expression is called in a note."""
    return {"8": "with 8 (none)", "9": "with 9 (uncertain)", "10": "with 10 (no face)"}.get(number, f"with {number}")


def _from_annotations(tree: Tree, pictures: set[str]) -> Iterator[Sample]:
    for name, match in tree.matching(r"(train|val)_set/annotations/(\d+)_exp\.npy$"):
        number = _number(tree, name)
        expression = CODES.get(number)
        if expression is None:
            tree.rows_left_out[_no_expression(str(number))] += 1
        image = f"{name[: match.end(1)]}_set/images/{match[2]}.jpg"
        if expression is not None and image not in pictures:
            raise UserError(f"{tree.root / name}: no picture {image}")
        if expression is not None:
            yield Sample(image, None, expression, usage=PARTS[match[1].lower()])


def _from_folders(tree: Tree) -> Iterator[Sample]:
    for name, match in tree.matching(r"(?:^|/)(train|val)(?:_class|_set)?/([^/]+)/[^/]+$"):
        expression = folder_expression(match[2], CODES)
        if expression and PurePosixPath(name).suffix.lower() in PICTURE_SUFFIXES:
            yield Sample(name, None, expression, usage=PARTS[match[1].lower()])


def _number(tree: Tree, name: str) -> int:
    """The number in an annotation file: a 0-d array, of text in some generations of the data."""
    import numpy as np

    try:
        return int(np.load(io.BytesIO(tree.read(name)), allow_pickle=False).item())
    except ValueError as error:
        raise UserError(f"{tree.root / name}: not an array with one number ({error})") from error
