"""Options of data sets that lie in files, and what can be known of them without decoding an image."""

import difflib
import re
from abc import abstractmethod
from collections.abc import Iterable

from pydantic import Field, field_validator

from gcnet_core.plugin_api import (
    DatasetConfig,
    DatasetFacts,
    Facts,
    MissingData,
    Problem,
    Sample,
    UserError,
    ordered_classes,
)
from gcnet_datasets.files import class_folders, fer2013, manifest


class FilesConfig(DatasetConfig):
    """What all data sets in files share."""

    folder: str = Field(description="folder of the data set, relative to where gcnet is started")
    classes: tuple[str, ...] | None = Field(
        None, min_length=2, description="expressions to keep, others are left out; null: all of them"
    )
    obtain: str = Field("", description="what the data are and how to get them; shown when the folder is missing")

    @abstractmethod
    def listed(self) -> list[Sample]:
        """All samples on disk, before `classes` selects.

        Raises:
            MissingData: if the files are not there.
            UserError: if a list or a name is wrong; the text says where.
        """

    def samples(self) -> list[Sample]:
        """The samples of the chosen classes."""
        return [sample for sample in self.listed() if self.classes is None or sample.expression in self.classes]

    def facts(self) -> DatasetFacts:
        samples = self.samples()
        return DatasetFacts(
            classes=ordered_classes([sample.expression for sample in samples]),
            references=any(sample.reference for sample in samples),
            folds=1 if all(sample.usage for sample in samples) else len({sample.fold for sample in samples} - {None}),
        )

    def fit(self, facts: Facts) -> Iterable[Problem]:
        try:
            found = ordered_classes([sample.expression for sample in self.listed()])
        except MissingData:  # told apart: a recipe can be right while its data are elsewhere
            return
        except UserError as error:
            yield Problem(("folder",), str(error))
            return
        for name in self.classes or ():
            if name not in found:
                near = difflib.get_close_matches(name, found, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(found)}"
                yield Problem(("classes",), f"the data set has no class {name}; {hint}")

    def missing(self, what: str, expected: str) -> MissingData:
        """The error to raise when files are not there."""
        lines = [what, *([self.obtain] if self.obtain else []), f"Expected {expected}."]
        return MissingData("\n".join([*lines, "Give the folder with `--set data.folder=PATH`."]))


class ManifestConfig(FilesConfig):
    """Images listed in a CSV file with the columns image, subject, expression, reference, session, lighting, fold."""

    file: str = Field("manifest.csv", description="name of the list, inside the folder")
    where: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="rows to keep, as column: [values]; e.g. `{lighting: [even]}`"
    )

    def listed(self) -> list[Sample]:
        return manifest.read_manifest(self)


class FolderConfig(FilesConfig):
    """A folder of images for each expression, as `folder/anger/S010_004.png`."""

    subject: str = Field(
        r"^([A-Za-z0-9]+)", description="regular expression; its first group in the file name is the subject"
    )
    references: bool = Field(
        True, description="take a subject's first neutral image, if there is one, as the reference of all its images"
    )

    @field_validator("subject")
    @classmethod
    def _one_group(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if groups < 1:
            raise ValueError("needs a group in round brackets around the subject, such as `^(S\\d+)_`")
        return pattern

    def listed(self) -> list[Sample]:
        return class_folders.read_class_folders(self)


class FER2013Config(FilesConfig):
    """FER2013 as folders `Training`, `PublicTest` and `PrivateTest` of class folders, zipped or not."""

    folder: str = Field(description="the zip file, or the folder into which it was unpacked")

    def listed(self) -> list[Sample]:
        return fer2013.read_fer2013(self)
