"""What all data sets in files share: options, the choice of classes, and the message when something is missing."""

import difflib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from gcnet_core.data.archives import DamagedArchive
from gcnet_core.data.picture_files import split_name
from gcnet_core.plugin_api import (
    ConfigIssue,
    DatasetConfig,
    DatasetInfo,
    Evidence,
    LeftOut,
    MissingData,
    RecipeInfo,
    Sample,
    UserError,
    UserPath,
    ordered_classes,
)
from gcnet_datasets.files.names import evidence_of_names, folder_of, why_beside
from gcnet_datasets.files.tree import Tree
from gcnet_datasets.files.why import why_not_data, why_not_read


class FilesConfig(DatasetConfig):
    """What all data sets in files share."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"obtain": "instructions"}

    folder: UserPath = Field(description="folder of the data set, relative to where gcnet is started")
    classes: tuple[str, ...] | None = Field(
        None, min_length=2, description="expressions to keep, others are left out; null: all of them"
    )
    instructions: str = Field("", description="what the data are and how to get them; shown when the folder is missing")

    @property
    def root(self) -> Path:
        """Where the files are."""
        return Path(self.folder)

    @abstractmethod
    def listed(self) -> list[Sample]:
        """All samples on disk, before `classes` selects.

        Raises:
            MissingData: if the files are not there.
            UserError: if a list or a name is wrong; the text says where.
        """

    @cached_property
    def all_samples(self) -> tuple[Sample, ...]:
        """What `listed` finds, looked for once in the life of these options, which is that of a loaded recipe."""
        return tuple(self.listed())

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Any:
        copy = super().model_copy(update=update, deep=deep)
        for name in set(vars(copy)) - set(type(copy).model_fields):  # other options may find other samples
            vars(copy).pop(name)
        return copy

    def samples(self) -> list[Sample]:
        """The samples of the chosen classes."""
        found = list(self.all_samples)
        return found if self.classes is None else [sample for sample in found if sample.expression in self.classes]

    def info(self) -> DatasetInfo:
        samples = self.samples()
        divided = all(sample.usage for sample in samples)
        folds = {sample.fold for sample in samples if sample.fold is not None}
        return DatasetInfo(
            classes=ordered_classes([sample.expression for sample in samples]),
            references=any(sample.reference for sample in samples),
            folds=1 if divided else len(folds),
        )

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        try:
            found = ordered_classes([sample.expression for sample in self.all_samples])
        except MissingData:  # told apart: a recipe can be right while its data are elsewhere
            return
        except UserError as error:
            yield ConfigIssue(("folder",), str(error))
            return
        for name in self.classes or ():
            if name not in found:
                near = difflib.get_close_matches(name, found, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(found)}"
                yield ConfigIssue(("classes",), f"the data set has no class {name}; {hint}")

    def left_out(self) -> tuple[LeftOut, ...]:
        shown = {split_name(name)[0] for sample in self.samples() for name in (sample.image, sample.reference) if name}
        shown |= self.lists()
        tree = Tree(self.root)
        others = [(name, why_not_data(tree, name)) for name in tree.everything if name not in shown]
        not_chosen = {split_name(sample.image)[0]: sample.expression for sample in self.all_samples}

        def why(name: str) -> str:
            if name in not_chosen:
                return f"the class {not_chosen[name]} is not among data.classes"
            return why_not_read(tree, name) or self.why_left_out(name)

        return tuple(LeftOut(name, fault or why(name), expected=fault is not None) for name, fault in others)

    def lists(self) -> frozenset[str]:
        """Files that say what the pictures are."""
        return frozenset()

    def why_left_out(self, name: str) -> str:
        """Why no sample shows a picture or a video that lies in the folder, in words that all of its kind share."""
        return "nothing names it"

    def missing(self, what: str, expected: str) -> MissingData:
        """The error to raise when files are not there."""
        lines = [what]
        if self.instructions:
            lines.append(self.instructions)
        lines.append(f"Expected {expected}" if "\n" in expected else f"Expected {expected}.")
        lines.append("Give the folder with `--set data.folder=PATH`.")
        return MissingData("\n".join(lines))


class Found(NamedTuple):
    """What lies in a tree: samples, the lists that were read, and the rows of them that give no sample, by reason."""

    samples: Sequence[Sample]
    lists: frozenset[str]
    rows_left_out: Mapping[str, int]


class TreeConfig(FilesConfig):
    """A data set in a tree of files. Subclasses say by `layout` what it looks like, and find its samples."""

    folder: UserPath = Field(description="folder of the data set at any depth above its files, or a zip archive of it")

    @abstractmethod
    def find(self, tree: Tree) -> Iterable[Sample]:
        """The samples in a tree, none where it is another tree."""

    def listed(self) -> list[Sample]:
        return list(self.found.samples)

    @cached_property
    def found(self) -> Found:
        """What `find` finds, looked for once.

        Raises:
            MissingData: if the files are not there.
            UserError: if a list or a name is wrong.
        """
        root = self.root
        expected = f"below {root}:\n{self.layout}"
        try:
            tree = Tree(root)
            samples = tuple(self.find(tree))
        except FileNotFoundError as error:
            raise self.missing(f"no such file or folder: {root}", expected) from error
        except DamagedArchive as error:
            raise self.missing(str(error), expected) from error
        if not samples:
            raise self.incomplete(tree, "not this data set, or not all of it")
        return Found(samples, frozenset(tree.lists), dict(tree.rows_left_out))

    def lists(self) -> frozenset[str]:
        return self.found.lists

    def rows_left_out(self, of: str) -> tuple[str, ...]:
        """A note on the rows of lists that give no sample, none if there are none.

        Args:
            of: where they stand, such as the name of the data set.
        """
        reasons = self.found.rows_left_out
        if not reasons:
            return ()
        counts = ", ".join(f"{number:,} {reason}" for reason, number in Counter(reasons).most_common())
        return (f"{of}: {sum(reasons.values()):,} rows are left out: {counts}.",)

    def evidence(self) -> Evidence:
        lists = sorted(self.lists())
        if lists:
            more = f" and {len(lists) - 1:,} more lists" if len(lists) > 1 else ""
            return Evidence("list", f"{lists[0]}{more} {'name' if more else 'names'} its images")
        return evidence_of_names(self.all_samples, self.codes, self.published)

    def why_left_out(self, name: str) -> str:
        return why_beside(name, self.neighbors, type(self).__name__.removesuffix("Config"))

    @cached_property
    def neighbors(self) -> Mapping[str, Sample]:
        """A sample of each folder that holds some."""
        return {folder_of(sample.image): sample for sample in self.all_samples}

    def incomplete(self, tree: Tree, what: str) -> MissingData:
        """The error to raise when a tree is another one, or lacks a part."""
        return self.missing(f"{tree.root}: {what}; found {tree.outline()}", f"below {tree.root}:\n{self.layout}")


class PublishedConfig(TreeConfig):
    """A data set whose layout is known."""


def folds_by_subject(samples: Iterable[Sample], folds: int = 10) -> dict[str | None, int]:
    """The usual folds of data sets that publish none: subjects in ascending order, their position modulo ten."""
    subjects = sorted({sample.subject for sample in samples if sample.subject is not None})
    return {subject: position % folds for position, subject in enumerate(subjects)}
