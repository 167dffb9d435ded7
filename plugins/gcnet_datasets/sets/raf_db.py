"""RAF-DB basic (Li, Deng and Du, CVPR 2017): 15,339 faces from the web, seven expressions."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, Sample, Usage, UserError
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.other_classes import note_on_other_classes
from gcnet_datasets.files.own_lists import bears
from gcnet_datasets.files.table import code, lines, rows
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import folder_expression

CODES = dict(enumerate(("surprise", "fear", "disgust", "happiness", "sadness", "anger", NEUTRAL), start=1))
PARTS: dict[str, Usage] = {"train": "train", "test": "test", "valid": "test"}
TABLES: dict[str, Usage] = {"train_labels.csv": "train", "test_labels.csv": "test"}
"""Lists that come with a copy; others call theirs so too, but their images otherwise."""


class RAFDBConfig(PublishedConfig):
    """RAF-DB: the list of labels with aligned or whole pictures, or numbered folders."""

    layout: ClassVar[str] = (
        "  basic/EmoLabel/list_patition_label.txt, basic/Image/aligned/train_00001_aligned.jpg\n"
        "  or train_labels.csv, test_labels.csv   (image,label), and the images that they name in any folders\n"
        "  or train|test|valid/<1 to 7, or an expression>/train_00001_aligned.jpg"
    )

    codes: ClassVar[Mapping[int, str]] = CODES
    published: ClassVar[Mapping[str, Mapping[str, int]]] = {
        "the training part of RAF-DB": dict(zip(CODES.values(), (1290, 281, 717, 4772, 1982, 705, 2524), strict=True)),
        "the test part of RAF-DB": dict(zip(CODES.values(), (329, 74, 160, 1185, 478, 162, 680), strict=True)),
    }

    pictures: Literal["aligned", "original"] = Field("aligned", description="published crops, or whole pictures")
    instructions: str = Field(
        "RAF-DB (Li, Deng and Du, CVPR 2017) is given away on request by its authors, for non-commercial research.",
        description="what the data are and how to get them",
    )

    def notes(self) -> tuple[str, ...]:
        return note_on_other_classes(self)

    def find(self, tree: Tree) -> Iterator[Sample]:
        listed = tree.named("list_patition_label.txt", "list_partition_label.txt")
        if listed is not None:
            yield from self._from_list(tree, listed)
            return
        tables = [(usage, table) for file, usage in TABLES.items() if (table := _own_table(tree, file))]
        for usage, table in tables:
            yield from _from_table(tree, table, usage)
        if tables:
            return
        pictures = set(tree.pictures)
        for name, match in tree.matching(r"(?:^|/)(train|test|valid)/([^/]+)/[^/]+$"):
            expression = folder_expression(match[2], CODES)
            if expression and name in pictures:
                yield Sample(name, None, expression, usage=PARTS[match[1].lower()])

    def _from_list(self, tree: Tree, listed: str) -> Iterator[Sample]:
        files = {PurePosixPath(name).stem: name for name in tree.pictures if f"/{self.pictures}/" in f"/{name}".lower()}
        for where, line in lines(tree, listed):
            match = re.fullmatch(r"(train|test)_(\d+)\.jpg\s+([1-7])\s*", line)
            if match is None:
                raise UserError(f"{where}: {line!r} is not like `train_00001.jpg 5`")
            stem = f"{match[1]}_{match[2]}" + ("_aligned" if self.pictures == "aligned" else "")
            if stem not in files:
                raise UserError(f"{where}: no picture {stem} in a folder {self.pictures}")
            yield Sample(files[stem], None, CODES[int(match[3])], usage=PARTS[match[1]])


def _own_table(tree: Tree, file: str) -> str | None:
    """A list of a copy of RAF-DB, whose images bear its names."""
    name = tree.named(file)
    if name is None or not bears(tree, name, "label"):
        return None
    return name if re.search(r"\b(train|test)_\d{5}(_aligned)?\.\w+", tree.text(name)) else None


def _from_table(tree: Tree, table: str, usage: Usage) -> Iterator[Sample]:
    files = BareNames(tree)
    for row in rows(tree, table, "image", "label"):
        expression, image = code(row, "label", CODES), files.get(row.cells["image"], row.where)
        if expression is None:
            raise UserError(f"{row.where}: label is {row.cells['label']}, not 1 to 7")
        if image is None:
            raise UserError(f"{row.where}: no picture {row.cells['image']}")
        yield Sample(image, None, expression, usage=usage)
