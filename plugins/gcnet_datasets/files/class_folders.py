"""Reading class folders: the folder's name is the expression; the file or a folder above it names the subject."""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from gcnet_core.data.people import person_in_path
from gcnet_core.plugin_api import NEUTRAL, Evidence, Sample, UserError
from gcnet_datasets.files.base import TreeConfig
from gcnet_datasets.files.levels import Levels, Placed, find_levels, is_expression
from gcnet_datasets.files.people_in_names import NAME_BEGINS, found_person, with_plausible_people
from gcnet_datasets.files.tree import VIDEO_SUFFIXES, Tree


def one_group(pattern: str | None) -> str | None:
    """Check a pattern of a user.

    Raises:
        ValueError: if it is no regular expression with a group.
    """
    if pattern is None:
        return None
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if groups < 1:
        raise ValueError("needs a group in round brackets around the name, such as `^(S\\d+)_`")
    return pattern


class FolderConfig(TreeConfig):
    """A folder of images for each expression, as `folder/anger/S010_004.png` or `folder/train/anger/S010_004.png`.

    Or a folder for each person, with those of the expressions in it, as `folder/anna/anger/1.png`, or the other way
    round, as `folder/anger/anna/1.png`. Folders above these, one in the other, do not count.
    """

    layout: ClassVar[str] = (
        "  <expression>/<image> or train|validation|test/<expression>/<image>, whose name begins with the subject\n"
        "  or <subject>/<expression>/<image> or <expression>/<subject>/<image>"
    )

    generic: ClassVar[bool] = True

    subject: str | None = Field(
        NAME_BEGINS,
        description="regular expression; its first group in the file name is the subject, where no folder tells. The "
        "default, the letters and digits with which it begins, is a guess that is given up where it finds no people; "
        "null: nobody knows",
    )
    session: str | None = Field(
        None,
        description="regular expression; its first group in the file name is the session, such as the date in "
        "`^(\\d{8})_`; null: nobody knows",
    )
    references: bool = Field(
        True, description="take a subject's first neutral image, if there is one, as the reference of all its images"
    )

    _one_group = field_validator("subject", "session")(one_group)

    def listed(self) -> list[Sample]:
        if not self.root.exists():
            raise self.missing(f"no such folder: {self.folder}", f"below {self.folder}:\n{self.layout}")
        return self.of_people[0]

    def find(self, tree: Tree) -> Iterator[Sample]:
        placed = find_levels(tree.pictures).placed
        if not placed:
            raise self.incomplete(tree, "no images in class folders")
        yield from (self._sample(picture, tree) for picture in placed)

    @cached_property
    def of_people(self) -> tuple[list[Sample], str]:
        """The samples with people and references, and what is to be said of who is who."""
        samples, note = list(self.found.samples), ""
        by_person = any(picture.person is not None for picture in self.levels.placed)
        if self.subject == NAME_BEGINS and not by_person:
            samples, note = with_plausible_people(samples)
        return _with_references(samples) if self.references else samples, note

    @cached_property
    def levels(self) -> Levels:
        """Which folders are classes, people and parts."""
        return find_levels(Tree(self.root).pictures)

    def evidence(self) -> Evidence:
        levels = self.levels
        folders = {picture.folder for picture in levels.placed}
        known = sum(map(is_expression, folders))
        words = "is an expression word" if known == 1 else "are expression words"
        text = f"{known} of {len(folders)} class folders {words}"
        beside, all_pictures = len(levels.left_out), len(levels.left_out) + len(levels.placed)
        if beside > len(levels.placed):
            return Evidence("folders", text, f"{beside} pictures of {all_pictures} would be left out", labelled=False)
        return Evidence("folders", text, _doubt(levels, len(folders) - known))

    def notes(self) -> tuple[str, ...]:
        return (*super().notes(), *filter(None, [self.of_people[1]]))

    def why_left_out(self, name: str) -> str:
        if Path(name).suffix.lower() in VIDEO_SUFFIXES:
            return "a video: this data set holds pictures"
        return self.levels.left_out.get(name, "nothing names it")

    def _sample(self, picture: Placed, tree: Tree) -> Sample:
        path, subject = tree.root / picture.name, None
        if self.subject:
            by_name = picture.person is None
            subject = _person(path, self.subject) if by_name else person_in_path(picture.person)
        return Sample(
            picture.name,
            subject,
            picture.expression,
            session=_found(path, self.session, "session"),
            usage=picture.usage,
        )


def _doubt(levels: Levels, unknown: int) -> str:
    """Why these folders are no classes and people as they seem; empty where nothing speaks against it."""
    shown: dict[str, set[str]] = defaultdict(set)
    for picture in levels.placed:
        if picture.person is not None:
            shown[picture.person].add(picture.folder)
    classes = {picture.folder for picture in levels.placed}
    one_each = bool(shown) and all(len(folders) == 1 for folders in shown.values())
    if one_each and (levels.people_below or len(classes) > 1):
        return f"each of the {len(shown)} people, who are folders, would show one expression only"
    if 2 * unknown > len(classes) == len(levels.placed):
        return "each photograph would have a class of its own"
    return ""


def _person(path: Path, pattern: str) -> str | None:
    """Whom a file's name names; a pattern of the user must fit, the guess need not."""
    fits, person = found_person(pattern, path.name)
    if not fits and pattern != NAME_BEGINS:
        raise _misfit(path, pattern, "subject")
    return person


def _found(path: Path, pattern: str | None, key: str) -> str | None:
    """What a pattern of the user finds in a file's name."""
    if pattern is None:
        return None
    match = re.search(pattern, path.name)
    if match is None:
        raise _misfit(path, pattern, key)
    return match.group(1)


def _misfit(path: Path, pattern: str, key: str) -> UserError:
    return UserError(f"{path}: the file name does not match data.{key}, {pattern!r}")


def _with_references(samples: list[Sample]) -> list[Sample]:
    neutral: dict[str | None, str] = {}
    for sample in samples:
        if sample.expression == NEUTRAL and sample.subject is not None:
            neutral.setdefault(sample.subject, sample.image)
    return [dataclasses.replace(sample, reference=neutral.get(sample.subject)) for sample in samples]
