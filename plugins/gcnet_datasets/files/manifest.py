"""The data set `manifest`: images listed in a CSV file."""

import dataclasses
import json
import re
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import Field, field_validator

from gcnet_core.data.manifest import BOX, COLUMNS, LARGEST_LIST, MANIFEST, PREPARATION, read_manifest
from gcnet_core.data.people import person_in_list, person_in_path
from gcnet_core.data.picture_files import read_file
from gcnet_core.plugin_api import Evidence, Sample, UserError, preparation_of_today
from gcnet_datasets.files.base import FilesConfig
from gcnet_datasets.files.class_folders import one_group
from gcnet_datasets.files.people_in_names import found_person
from gcnet_datasets.files.prepared import refuse_unfinished, refuse_unlabelled
from gcnet_datasets.labels import expression_name


class Reading(NamedTuple):
    """What a list says: its samples, how often which word named nobody, and how many rows were said before."""

    samples: tuple[Sample, ...]
    nobody: Counter[str]
    repeated: int


class ManifestConfig(FilesConfig):
    """Images listed in a CSV file, a row each.

    Columns: image, expression; where known subject, reference, session, lighting, fold, part (train, validation or
    test), intensity (0 to 1), votes (`anger=3;neutral=7`) and the face box x, y, w, h in pixels. Others, such as sex or
    age, are for `where` and for `gcnet evaluate --by`.
    """

    generic: ClassVar[bool] = True
    reads_list: ClassVar[bool] = True
    layout: ClassVar[str] = "  manifest.csv   (image,expression,subject,...), and the images that it names"

    file: str = Field(MANIFEST, description="name of the list, inside the folder")
    subject: str | None = Field(
        None,
        description="regular expression; its first group in the image's path is the subject where the cell is empty, "
        "such as the folder in `(.+?)/`",
    )
    session: str | None = Field(
        None,
        description="regular expression; its first group in the image's path is the session where the cell is empty",
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="columns under other names, as ours: theirs; e.g. `{image: path, expression: label}`",
    )
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="rows to keep, as column: [values]; e.g. `{lighting: [even]}`"
    )

    _one_group = field_validator("subject", "session")(one_group)

    @property
    def path(self) -> Path:
        """The list: `file` in the folder, or what is given in the place of a folder."""
        return self.root if self.root.is_file() and self.root.suffix.lower() == ".csv" else self.root / self.file

    @cached_property
    def reading(self) -> Reading:
        """The samples, and what is to be said of the list.

        Raises:
            MissingData: if there is no list.
            UserError: as file:line, if it is wrong.
        """
        path = self.path
        if path == self.root and b"image" not in read_file(path, LARGEST_LIST).split(b"\n", 1)[0]:
            raise self.missing(f"{path}: a list of something else", f"{path} with the columns {','.join(COLUMNS)}")
        if not path.is_file():
            refuse_unfinished(path)
            what = f"no such file: {path}" if path.parent.is_dir() else f"no such folder: {path.parent}"
            columns = ",".join((*COLUMNS, *BOX))
            raise self.missing(what, f"{path} with the columns {columns} and image paths relative to its folder")
        prepared = (path.parent / PREPARATION).is_file()
        if prepared:
            refuse_unlabelled(path)
        nobody = Counter[str]()
        # gcnet leaves the cell empty where nobody is known: NA in its lists is the person of JAFFE
        named = person_in_path if prepared else person_in_list

        def person(cell: str | None) -> str | None:
            name = named(cell)
            if cell and name is None:
                nobody[cell] += 1
            return name

        rows = list(read_manifest(path, self.columns, self.where, expression_name, person))
        if not rows:
            raise UserError(f"{path}: no row is left; check `where`")
        samples = dict.fromkeys(map(self._named, rows))
        return Reading(tuple(samples), nobody, len(rows) - len(samples))

    def listed(self) -> list[Sample]:
        return list(self.reading.samples)

    def notes(self) -> tuple[str, ...]:
        _, nobody, repeated = self.reading
        words = ", ".join(f"{word!r} ({count:,})" for word, count in nobody.most_common())
        return (
            *super().notes(),
            *((f"{self.file}: the subject {words} counts as nobody.",) if nobody else ()),
            *((f"{self.file}: {repeated:,} rows say the same as another; each counts once.",) if repeated else ()),
        )

    def evidence(self) -> Evidence:
        written = ", as `gcnet data prepare` wrote it" if (self.root / PREPARATION).is_file() else ""
        return Evidence("list", f"{self.file} names its images{written}")

    def lists(self) -> frozenset[str]:
        return frozenset({self.path.name, PREPARATION})

    def _named(self, sample: Sample) -> Sample:
        """With the subject and the session that the path of its image tells, where the list does not."""
        subject = found_person(self.subject, sample.image)[1] if self.subject else None
        session = _found(self.session, sample.image)
        return dataclasses.replace(sample, subject=sample.subject or subject, session=sample.session or session)

    def preparation(self) -> dict[str, Any] | None:
        path = self.path.parent / PREPARATION
        if not path.is_file():
            return None
        try:
            settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{error.lineno}: not JSON ({error.msg})") from error
        return preparation_of_today(settings)


def _found(pattern: str | None, path: str) -> str | None:
    match = re.search(pattern, path) if pattern else None
    return match[1] if match else None
