"""Sequences of one's own: a video file or a folder of frames for each."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field, field_validator

from gcnet_core.data.picture_files import PICTURE_SUFFIXES, split_name
from gcnet_core.plugin_api import Evidence, Sample, UserError, UserPath
from gcnet_datasets.files.base import PublishedConfig
from gcnet_datasets.files.class_folders import one_group
from gcnet_datasets.files.levels import is_expression
from gcnet_datasets.files.people_in_names import NAME_BEGINS, found_person
from gcnet_datasets.files.sequence import Apex, in_order, notes_on, peak_samples
from gcnet_datasets.files.tree import VIDEO_SUFFIXES, Tree
from gcnet_datasets.files.video import frame_count
from gcnet_datasets.labels import expression_name


class SequencesConfig(PublishedConfig):
    """Sequences that begin with the neutral face: frames at the peak are samples, the first is the reference."""

    layout: ClassVar[str] = (
        "  <expression>/<sequence>/<frame>.png, or <expression>/<sequence>.avi\n"
        "  with names of sequences that begin with the subject, such as happiness/S05_2.avi"
    )

    generic: ClassVar[bool] = True

    folder: UserPath = Field(description="folder of the class folders")
    subject: str = Field(
        NAME_BEGINS, description="regular expression; its first group in the sequence's name is the subject"
    )
    apex: Apex = Field("last", description="where the expression peaks: in the `last` frame or in the `middle`")
    peaks: int = Field(3, ge=1, le=10_000, description="frames taken at the peak")
    neutral: bool = Field(False, description="add the first frame of each sequence as a neutral sample")

    _one_group = field_validator("subject")(one_group)

    def notes(self) -> tuple[str, ...]:
        tree = Tree(self.root)
        short = [f"{place}/{name}" for (place, name), frames in _sequences(tree).items() if len(frames) < 2]
        return (
            *notes_on(tree.empty, "Folders without a frame, left out"),
            *notes_on(short, "Sequences of a single frame have a neutral face but no peak, so they give no sample"),
        )

    def evidence(self) -> Evidence:
        classes: dict[str, set[str]] = defaultdict(set)
        for expression, sequence in self.sequences:
            classes[sequence].add(expression)
        words = {expression for expression, _ in self.sequences}
        known = sum(map(is_expression, words))
        several = sum(len(names) > 1 for names in classes.values())
        people = "the same folders lie below several expressions, so they are people" if several else ""
        return Evidence("folders", f"sequences in class folders, {known} of {len(words)} expression words", people)

    def why_left_out(self, name: str) -> str:
        place = PurePosixPath(name)
        expression, sequence = ("", "", *place.parts)[-3:-1]
        frames = self.sequences.get((expression, sequence), [])
        if place.suffix.lower() in VIDEO_SUFFIXES:
            return "a video without a peak"
        if name not in frames:
            return "lies in no folder of a sequence"
        return "a frame between onset and peak" if len(frames) > 1 else "the only frame of its sequence"

    @cached_property
    def sequences(self) -> dict[tuple[str, str], list[str]]:
        """Frames by folder of the expression and name of the sequence."""
        return _sequences(Tree(self.root))

    def find(self, tree: Tree) -> Iterator[Sample]:
        for (expression, sequence), frames in sorted(_sequences(tree).items()):
            fits, subject = found_person(self.subject, sequence)
            if not fits:
                raise UserError(f"{tree.root / expression / sequence}: the name does not match data.subject")
            shown = Sample(frames[0], subject, expression_name(expression), session=sequence)
            yield from peak_samples(frames, shown, self.apex, self.peaks, neutral=self.neutral)


def _sequences(tree: Tree) -> dict[tuple[str, str], list[str]]:
    """The frames of each sequence in order, by folder of the expression and name of the sequence."""
    found: dict[tuple[str, str], list[str]] = {}
    for name in tree.names:
        place = PurePosixPath(name)
        if place.suffix.lower() in PICTURE_SUFFIXES and len(place.parts) > 2:
            found.setdefault((place.parts[-3], place.parts[-2]), []).append(name)
        elif place.suffix.lower() in VIDEO_SUFFIXES and len(place.parts) > 1:
            count = frame_count(tree.path(name))
            found[place.parts[-2], place.stem] = [f"{name}#frame={index}" for index in range(count)]
    return {sequence: _ordered(frames) for sequence, frames in found.items()}


def _ordered(frames: list[str]) -> list[str]:
    of_video = split_name(frames[0])[1] != ""
    return frames if of_video else in_order(frames)
