"""Reading class folders: the folder's name is the expression; the file or a folder above it names the subject."""

import dataclasses
import re
from collections.abc import Iterable
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from gcnet_core.data.people import person_in_path
from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError
from gcnet_datasets.files.base import FilesConfig
from gcnet_datasets.files.people_in_names import NAME_BEGINS, found_person, with_plausible_people
from gcnet_datasets.labels import expression_name


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


class FolderConfig(FilesConfig):
    """A folder of images for each expression, as `folder/anger/S010_004.png` or `folder/train/anger/S010_004.png`.

    Or a folder for each person, with those of the expressions in it, as `folder/anna/anger/1.png`.
    """

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

    @cached_property
    def reading(self) -> tuple[list[Sample], str]:
        """The samples, and what is to be said of their people."""
        return read_class_folders(self)

    def listed(self) -> list[Sample]:
        return self.reading[0]

    def notes(self) -> tuple[str, ...]:
        return (*super().notes(), *filter(None, [self.reading[1]]))


def read_class_folders(config: FolderConfig) -> tuple[list[Sample], str]:
    """All images below the class folders, and what is to be said of their people.

    Raises:
        MissingData: if the folder is not there or holds no images in class folders.
        UserError: if a file name does not hold a subject.
    """
    root = Path(config.folder)
    expected = (
        f"{root}/<expression>/<image> or {root}/train|validation|test/<expression>/<image>, with file names that begin "
        f"with the subject, or {root}/<subject>/<expression>/<image>"
    )
    if not root.is_dir():
        raise config.missing(f"no such folder: {root}", expected)
    parts = [folder for folder in root.iterdir() if folder.is_dir() and folder.name.lower() in USAGE]
    files, by_person = _pictures(parts or [root], "*/*"), False
    if not files:
        files, by_person = _pictures(parts or [root], "*/*/*"), True
    if not files:
        there = ", ".join(sorted(path.name for path in root.iterdir())[:5]) or "nothing"
        raise config.missing(f"{root}: no images in class folders; found {there}", expected)
    samples = [_sample(path, root, config, in_parts=bool(parts), by_person=by_person) for path in files]
    note = ""
    if config.subject == NAME_BEGINS and not by_person:
        samples, note = with_plausible_people(samples)
    return _with_references(samples) if config.references else samples, note


def _pictures(roots: Iterable[Path], pattern: str) -> list[Path]:
    """The pictures in the folders below some roots, sorted."""
    files = chain.from_iterable(root.glob(pattern) for root in roots)
    return sorted(path for path in files if path.suffix.lower() in PICTURE_SUFFIXES)


def _sample(path: Path, root: Path, config: FolderConfig, *, in_parts: bool, by_person: bool) -> Sample:
    name = path.relative_to(root)
    subject = None
    if config.subject:
        subject = person_in_path(path.parent.parent.name) if by_person else _person(path, config.subject)
    return Sample(
        name.as_posix(),
        subject,
        expression_name(path.parent.name),
        session=_found(path, config.session, "session"),
        usage=USAGE[name.parts[0].lower()] if in_parts else None,
    )


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
