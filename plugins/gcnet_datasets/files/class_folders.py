"""Reading class folders: the folder's name is the expression, the file's name holds the subject."""

import dataclasses
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import ClassVar

from pydantic import Field, field_validator

from gcnet_core.data.picture_files import PICTURE_SUFFIXES
from gcnet_core.plugin_api import NEUTRAL, USAGE, Sample, UserError
from gcnet_datasets.files.base import FilesConfig
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
        raise ValueError("needs a group in round brackets around what is looked for, such as `^(S\\d+)_`")
    return pattern


class FolderConfig(FilesConfig):
    """A folder of images for each expression, as `folder/anger/S010_004.png` or `folder/train/anger/S010_004.png`."""

    generic: ClassVar[bool] = True

    subject: str | None = Field(
        r"^([A-Za-z0-9]+)",
        description="regular expression; its first group in the file name is the subject; null: nobody knows",
    )
    references: bool = Field(
        True, description="take a subject's first neutral image, if there is one, as the reference of all its images"
    )

    _one_group = field_validator("subject")(one_group)

    def listed(self) -> list[Sample]:
        return read_class_folders(self)


def read_class_folders(config: FolderConfig) -> list[Sample]:
    """All images below the class folders.

    Raises:
        MissingData: if the folder is not there or holds no images in class folders.
        UserError: if a file name does not hold a subject.
    """
    root = Path(config.folder)
    expected = (
        f"{root}/<expression>/<image> or {root}/train|validation|test/<expression>/<image>, with file names that begin "
        "with the subject"
    )
    if not root.is_dir():
        raise config.missing(f"no such folder: {root}", expected)
    parts = [folder for folder in root.iterdir() if folder.is_dir() and folder.name.lower() in USAGE]
    files = _pictures(parts or [root])
    if not files:
        there = ", ".join(sorted(path.name for path in root.iterdir())[:5]) or "nothing"
        raise config.missing(f"{root}: no images in class folders; found {there}", expected)
    samples = [_sample(path, root, config.subject, in_parts=bool(parts)) for path in files]
    return _with_references(samples) if config.references else samples


def _pictures(roots: Iterable[Path]) -> list[Path]:
    """The pictures in the folders below some roots, sorted."""
    files = chain.from_iterable(root.glob("*/*") for root in roots)
    return sorted(path for path in files if path.suffix.lower() in PICTURE_SUFFIXES)


def _sample(path: Path, root: Path, pattern: str | None, *, in_parts: bool) -> Sample:
    name, expression = path.relative_to(root).as_posix(), expression_name(path.parent.name)
    usage = USAGE[path.parent.parent.name.lower()] if in_parts else None
    return Sample(name, _subject(path, pattern), expression, usage=usage)


def _subject(path: Path, pattern: str | None) -> str | None:
    if pattern is None:
        return None
    match = re.search(pattern, path.name)
    if match is None:
        raise UserError(f"{path}: the file name does not match data.subject, {pattern!r}")
    return match.group(1)


def _with_references(samples: list[Sample]) -> list[Sample]:
    neutral: dict[str | None, str] = {}
    for sample in samples:
        if sample.expression == NEUTRAL and sample.subject is not None:
            neutral.setdefault(sample.subject, sample.image)
    return [dataclasses.replace(sample, reference=neutral.get(sample.subject)) for sample in samples]
