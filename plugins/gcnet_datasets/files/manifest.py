"""The data set `manifest`: images listed in a CSV file."""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, field_validator

from gcnet_core.data.manifest import BOX, COLUMNS, MANIFEST, PREPARATION, read_manifest
from gcnet_core.plugin_api import Sample, UserError, preparation_of_today
from gcnet_datasets.files.base import FilesConfig
from gcnet_datasets.files.class_folders import one_group
from gcnet_datasets.labels import expression_name


class ManifestConfig(FilesConfig):
    """Images listed in a CSV file, a row each.

    Columns: image, expression; where known subject, reference, session, lighting, fold, part (train, validation or
    test), intensity (0 to 1), votes (`anger=3;neutral=7`) and the face box x, y, w, h in pixels. Others, such as sex or
    age, are for `where` and for `gcnet evaluate --by`.
    """

    generic: ClassVar[bool] = True

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

    def listed(self) -> list[Sample]:
        path = Path(self.folder) / self.file
        if not path.is_file():
            what = f"no such file: {path}" if path.parent.is_dir() else f"no such folder: {path.parent}"
            columns = ",".join((*COLUMNS, *BOX))
            raise self.missing(what, f"{path} with the columns {columns} and image paths relative to its folder")
        samples = list(read_manifest(path, self.columns, self.where, expression_name))
        if not samples:
            raise UserError(f"{path}: no row is left; check `where`")
        return [self._named(sample) for sample in samples]

    def lists(self) -> frozenset[str]:
        return frozenset({self.file, PREPARATION})

    def _named(self, sample: Sample) -> Sample:
        """With the subject and the session that the path of its image tells, where the list does not."""
        subject, session = _found(self.subject, sample.image), _found(self.session, sample.image)
        return dataclasses.replace(sample, subject=sample.subject or subject, session=sample.session or session)

    def preparation(self) -> dict[str, Any] | None:
        path = Path(self.folder) / PREPARATION
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
