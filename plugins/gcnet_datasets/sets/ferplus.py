"""FER+ (Barsoum et al., arXiv 1608.01041): FER2013 rated again by ten people each."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.table import Row, rows
from gcnet_datasets.files.tree import Tree

RATED = (NEUTRAL, "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
NO_EXPRESSION = ("unknown", "NF")


class FERPlusConfig(PublishedConfig):
    """FER+: the votes as soft labels, or the expression for which more than half of the raters voted.

    Votes that one rater gave alone do not count (`single_votes: false`), as the authors did; images that most raters
    called unknown or no face, or that have no name, are left out. With `soft: true` in the loss `cross_entropy` the
    shares of the votes are its target.
    """

    layout: ClassVar[str] = (
        "  fer2013new.csv   (Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,\n"
        "                    unknown,NF)\n"
        "  fer2013.csv      (the pixels, same order), or FER2013Train|Valid|Test/fer0000000.png\n"
        "  or FER2013Train|Valid|Test/label.csv and fer0000000.png ..."
    )

    codes: ClassVar[Mapping[int, str]] = dict(enumerate(RATED))

    rule: Literal["majority", "plurality"] = Field(
        "majority",
        description="keep images with over half of the votes for one expression, or with the most",
    )
    single_votes: bool = Field(False, description="count votes that one rater gave alone")
    instructions: str = Field(
        "FER+ (Barsoum et al., arXiv 1608.01041) is published at github.com/microsoft/FERPlus, its labels under "
        "the MIT licence; it needs the pictures of FER2013.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        votes, pixels = tree.named("fer2013new.csv"), tree.named("fer2013.csv")
        files = {PurePosixPath(name).name: name for name in tree.pictures}
        if votes is None:  # the form into which its authors' script brings it
            pixels, rated = None, _prepared(tree)
        else:
            rated = rows(tree, votes, "Usage", "Image name", *RATED, *NO_EXPRESSION)
        for row in rated:
            rating = self.rating(row)
            file = row.cells["Image name"]
            if not file or rating is None:
                continue
            image = f"{pixels}#row={row.number}" if pixels else files.get(file)
            usage = USAGE.get(row.cells["Usage"].lower())
            if image is None:
                raise UserError(f"{row.where}: neither fer2013.csv nor a file {file} is below {tree.root}")
            if usage is None:
                raise UserError(f"{row.where}: Usage is {row.cells['Usage']!r}")
            expression = max(rating, key=lambda name: rating[name])
            yield Sample(image, None, expression, usage=usage, votes=tuple(rating.items()))

    def rating(self, row: Row) -> dict[str, float] | None:
        """The votes for expressions that count; None if the image has to be left out."""
        least = 1 if self.single_votes else 2
        given = {name: int(row.cells[name]) for name in (*RATED, *NO_EXPRESSION)}
        counted = {name: count for name, count in given.items() if count >= least}
        winner = self._winner(counted)
        if winner is None or winner in NO_EXPRESSION:
            return None
        return {name: float(count) for name, count in counted.items() if name in RATED}

    def _winner(self, votes: Mapping[str, int]) -> str | None:
        """The name with the most votes; None if the rule of the recipe names none."""
        most = max(votes.values(), default=0)
        winners = [name for name, count in votes.items() if count == most]
        enough = self.rule == "plurality" or most > sum(votes.values()) / 2
        return winners[0] if len(winners) == 1 and enough else None


def _prepared(tree: Tree) -> Iterator[Row]:
    """The rows of label.csv in each folder: image, box, votes; without names of columns.

    Raises:
        UserError: as file:line, if a row is another.
    """
    for name, match in tree.matching(r"FER2013(Train|Valid|Test)/label\.csv$"):
        for number, cells in enumerate(csv.reader(io.StringIO(tree.text(name)))):
            where = f"{tree.root / name}:{number + 1}"
            file, votes = cells[0], [cell.strip() for cell in cells[2:]]
            if len(votes) != len(RATED) + len(NO_EXPRESSION) or not all(vote.isdigit() for vote in votes):
                raise UserError(f'{where}: not like `fer0000000.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0`')
            counted = dict(zip((*RATED, *NO_EXPRESSION), votes, strict=True))
            yield Row(number, where, {"Usage": match[1], "Image name": file, **counted})
