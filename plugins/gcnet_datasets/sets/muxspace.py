"""muxspace/facial_expressions: 13,690 labelled photographs; many names tell the person."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.own_lists import bears
from gcnet_datasets.files.references import with_other_neutral
from gcnet_datasets.files.table import rows
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.labels import expression_name


class MuxspaceConfig(PublishedConfig):
    """muxspace: data/legend.csv, whose labels come in two spellings and whose rows repeat some images.

    Where a name is like Aaron_Peirsol_0002.jpg, the person is known and a neutral picture may be there; else each
    image counts as a person of its own. Images with two different labels are left out.
    """

    layout: ClassVar[str] = "  data/legend.csv   (user.id,image,emotion), images/<name>"

    file: str = Field("legend.csv", description="name of the list; 500_picts_satz.csv holds 500 of the images")
    instructions: str = Field(
        "github.com/muxspace/facial_expressions; its code is under the licence Apache-2.0, its pictures come from "
        "elsewhere.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        listed = tree.named(self.file)
        if listed is None or not bears(tree, listed, "emotion", "user.id"):
            return
        files = BareNames(tree, within="images")
        labels: dict[str, set[str]] = {}
        times = Counter[str]()
        places: dict[str, str] = {}
        for row in rows(tree, listed, "image", "emotion"):
            image, expression = row.cells["image"], expression_name(row.cells["emotion"])
            place = files.get(image, row.where)
            if place is None:
                raise UserError(f"{row.where}: no picture {image} in a folder images")
            places[image] = place
            labels.setdefault(image, set()).add(expression)
            times[image] += 1
        torn = sum(times[name] for name, found in labels.items() if len(found) > 1)
        if torn:
            tree.rows_left_out["of images that are listed with two labels"] += torn
        agreed = {name: found.pop() for name, found in labels.items() if len(found) == 1}
        samples = [Sample(places[name], _person(name), expression) for name, expression in agreed.items()]
        yield from with_other_neutral(samples)

    def notes(self) -> tuple[str, ...]:
        counts = Counter(sample.expression for sample in self.all_samples)
        listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        uneven = f"muxspace is uneven: {listed}. Look at balanced accuracy."
        return (uneven, *self.rows_left_out("muxspace"))


def _person(name: str) -> str:
    match = re.fullmatch(r"([A-Za-z][\w-]*?)_\d{4}\.\w+", name)
    return match[1] if match else PurePosixPath(name).stem
