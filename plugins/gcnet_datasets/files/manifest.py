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
    test), intensity (0 to 1), votes (`anger=3;neutral=7`) and the face box x, y, w, h in pixels. Others are for
    `where`.
    """

    generic: ClassVar[bool] = True

    file: str = Field(MANIFEST, description="name of the list, inside the folder")
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="columns under other names, as ours: theirs; e.g. `{image: path, expression: label}`",
    )
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="rows to keep, as column: [values]; e.g. `{lighting: [even]}`"
    )

    session: str | None = Field(
        None,
        description="regular expression; its first group in the name of an image is the session (the occasion of the "
        "picture), for lists without that column; null: as the list says",
    )

    _one_group = field_validator("session")(one_group)

    def listed(self) -> list[Sample]:
        path = Path(self.folder) / self.file
        if not path.is_file():
            what = f"no such file: {path}" if path.parent.is_dir() else f"no such folder: {path.parent}"
            columns = ",".join((*COLUMNS, *BOX))
            raise self.missing(what, f"{path} with the columns {columns} and image paths relative to its folder")
        samples = list(read_manifest(path, self.columns, self.where, expression_name))
        if not samples:
            raise UserError(f"{path}: no row is left; check `where`")
        return [self._with_session(sample, path) for sample in samples]

    def _with_session(self, sample: Sample, path: Path) -> Sample:
        """The sample with the session that its name holds, where the list has none."""
        if self.session is None or sample.session is not None:
            return sample
        match = re.search(self.session, sample.image)
        if match is None:
            raise UserError(f"{path}: the image {sample.image} does not match data.session, {self.session!r}")
        return dataclasses.replace(sample, session=match[1])

    def preparation(self) -> dict[str, Any] | None:
        path = Path(self.folder) / PREPARATION
        if not path.is_file():
            return None
        try:
            settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise UserError(f"{path}:{error.lineno}: not JSON ({error.msg})") from error
        return preparation_of_today(settings)
