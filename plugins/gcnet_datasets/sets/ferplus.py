"""FER+ (Barsoum et al., arXiv 1608.01041): FER2013 rated again by ten people each."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError
from gcnet_datasets.files.bare_names import BareNames
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.table import Row, rows
from gcnet_datasets.files.tree import Tree

RATED = (NEUTRAL, "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
NO_EXPRESSION = ("unknown", "NF")
VOTES = "fer2013new.csv"
TABLES = ("fer2013.csv", "icml_face_data.csv")
"""Lists of FER2013, which hold the pixels."""


class FERPlusConfig(PublishedConfig):
    """FER+: the votes as soft labels, or the expression for which more than half of the raters voted.

    Votes that one rater gave alone do not count (`single_votes: false`), as the authors did; images that most raters
    called unknown or no face, or that have no name, are left out. With `soft: true` in the loss `cross_entropy` the
    shares of the votes are its target.
    """

    layout: ClassVar[str] = (
        "  fer2013new.csv   (Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,\n"
        "                    unknown,NF)\n"
        "  fer2013.csv or icml_face_data.csv   (the pixels, same order), or FER2013Train|Valid|Test/fer0000000.png\n"
        "  or FER2013Train|Valid|Test/label.csv and fer0000000.png ..."
    )

    codes: ClassVar[Mapping[int, str]] = dict(enumerate(RATED))
    supersedes: ClassVar[frozenset[str]] = frozenset({"fer2013"})

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
        votes, pixels = tree.named(VOTES), _pixel_list(tree)
        files = BareNames(tree)
        if votes is None:  # the form into which its authors' script brings it
            pixels, rated = None, _prepared(tree)
        else:
            rated = rows(tree, votes, "Usage", "Image name", *RATED, *NO_EXPRESSION)
        for row in _beside(rated, rows(tree, pixels, "pixels")) if pixels else rated:
            rating, file = self.rating(row), row.cells["Image name"]
            if not file or rating is None:
                tree.rows_left_out["without a name" if not file else self._why_left_out(row)] += 1
                continue
            image = f"{pixels}#row={row.number}" if pixels else files.get(file, row.where)
            usage = USAGE.get(row.cells["Usage"].lower())
            if image is None:
                raise UserError(f"{row.where}: neither {' or '.join(TABLES)} nor a file {file} is below {tree.root}")
            if usage is None:
                raise UserError(f"{row.where}: Usage is {row.cells['Usage']!r}")
            expression = max(rating, key=lambda name: rating[name])
            yield Sample(image, None, expression, usage=usage, votes=tuple(rating.items()))

    def notes(self) -> tuple[str, ...]:
        older = _pixel_list(Tree(self.root)) if VOTES in _file_names(self.lists()) else None
        beside = (
            f"{older} holds older labels of the same pictures beside the votes of {VOTES}: the votes count; "
            "`data.type: fer2013`, or `--type fer2013`, takes the older ones.",
        )
        return (*self.rows_left_out("FER+"), *(beside if older else ()))

    def _why_left_out(self, row: Row) -> str:
        """Why the votes of a row name no expression, in the words of a note."""
        winner = self._winner(self._counted(row))
        none = "without a single winner" if self.rule == "plurality" else "without a majority"
        return none if winner is None else f"called {'no face' if winner == 'NF' else winner} by most raters"

    def rating(self, row: Row) -> dict[str, float] | None:
        """The votes for expressions that count; None if the image has to be left out."""
        counted = self._counted(row)
        winner = self._winner(counted)
        if winner is None or winner in NO_EXPRESSION:
            return None
        return {name: float(count) for name, count in counted.items() if name in RATED}

    def _counted(self, row: Row) -> dict[str, int]:
        """The votes that count.

        Raises:
            UserError: as file:line, if they are no whole numbers.
        """
        least = 1 if self.single_votes else 2
        try:
            given = {name: int(row.cells[name]) for name in (*RATED, *NO_EXPRESSION)}
        except ValueError as error:
            raise UserError(f"{row.where}: votes are whole numbers ({error})") from error
        return {name: count for name, count in given.items() if count >= least}

    def _winner(self, votes: Mapping[str, int]) -> str | None:
        """The name with the most votes; None if the rule of the recipe names none."""
        most = max(votes.values(), default=0)
        winners = [name for name, count in votes.items() if count == most]
        enough = self.rule == "plurality" or most > sum(votes.values()) / 2
        return winners[0] if len(winners) == 1 and enough else None


def _pixel_list(tree: Tree) -> str | None:
    """The list of FER2013 with the pixels, and with labels that are older than the votes."""
    return next(filter(None, map(tree.named, TABLES)), None)


def _file_names(paths: Iterable[str]) -> set[str]:
    return {PurePosixPath(path).name.lower() for path in paths}


def _beside(rated: Iterable[Row], listed: Iterable[Row]) -> Iterator[Row]:
    """The rows of the votes, each of which belongs to the row of the pixels with the same number.

    Raises:
        UserError: as file:line of both, if the lists are of other pictures.
    """
    last: tuple[str, str] = "", ""
    for row, pixels in zip_longest(rated, listed):
        if row is None or pixels is None:
            longer, (ended, _) = pixels or row, last if row is None else last[::-1]
            raise UserError(
                f"{longer.where}: the other list has no such row, its last is {ended}; both must be of all pictures "
                "of FER2013 in the same order"
            )
        usage, other = row.cells["Usage"], pixels.cells.get("Usage", row.cells["Usage"])
        if USAGE.get(usage.lower(), usage) != USAGE.get(other.lower(), other):
            raise UserError(
                f"{row.where}: Usage is {usage}, but {pixels.where} says {other}: the two lists are not of the same "
                "pictures in the same order; take both as they were published"
            )
        last = row.where, pixels.where
        yield row


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
