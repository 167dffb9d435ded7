"""MMI (Pantic et al., ICME 2005): videos that go from the neutral face to a peak and back."""

import xml.etree.ElementTree as xml
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import Sample, UserError
from gcnet_datasets.files.base import PublishedConfig, folds_by_subject
from gcnet_datasets.files.sequence import notes_on, peak_samples
from gcnet_datasets.files.tree import VIDEO_SUFFIXES, Tree
from gcnet_datasets.files.video import frame_count, frame_size
from gcnet_datasets.sets.mmi_list import from_list, names_frames

CODES = {1: "anger", 2: "disgust", 3: "fear", 4: "happiness", 5: "sadness", 6: "surprise"}
"""Metatag `Emotion` of a session; other numbers are other tasks than the six expressions."""
DUAL = "2"
"""Track view in which one frame holds the profile, left, and the frontal face, right."""


class MMIConfig(PublishedConfig):
    """MMI as it is downloaded: frames around the middle of each video, the first one as reference.

    Sessions of still images have no sequence and are left out. Frames that others cut out are read by the list that
    comes with them; the first frame of the session is the reference, if it is there and not in the list. Folds:
    subjects in ascending order, modulo ten.
    """

    layout: ClassVar[str] = (
        "  Sessions/1841/S035-004.avi, S035-004.xml, session.xml\n"
        "  or images/S050_003_030.png ... with list.txt   (lines such as `S050_003_030.png 3`, numbers 0 to 5)"
    )

    codes: ClassVar[Mapping[int, str]] = CODES

    peaks: int = Field(3, ge=1, le=10_000, description="frames taken around the middle, where the expression peaks")
    neutral: bool = Field(False, description="add the first frame of each video as a neutral sample")
    instructions: str = Field(
        "MMI (Pantic et al. 2005) is given away by its authors at mmifacedb.eu, for research only.",
        description="what the data are and how to get them",
    )

    def find(self, tree: Tree) -> Iterator[Sample]:
        listed = tree.named("list.txt")
        if listed is not None and names_frames(tree, listed):
            yield from from_list(tree, listed)
            return
        videos = []
        for name, match in tree.matching(r"Sessions/\d+/(S\d+)-(\d+)\.\w+$"):
            if PurePosixPath(name).suffix.lower() in VIDEO_SUFFIXES:
                expression = _expression(tree, str(PurePosixPath(name).with_suffix(".xml")))
                if expression is not None:
                    videos.append((name, match[1].upper(), match[2], expression))
        folds = folds_by_subject(Sample("", subject, "") for _, subject, _, _ in videos)
        for name, subject, session, expression in videos:
            turn = _turn(tree, name)
            frames = [f"{name}#frame={index}{turn}" for index in range(frame_count(tree.path(name)))]
            shown = Sample(frames[0], subject, expression, session=session, fold=folds[subject])
            yield from peak_samples(frames, shown, "middle", self.peaks, neutral=self.neutral)

    def notes(self) -> tuple[str, ...]:
        tree = Tree(self.root)
        places = [PurePosixPath(name) for name in tree.pictures]
        sessions = {place.parent.as_posix() for place in places if "Sessions" in place.parts}
        return notes_on(sessions, "MMI: sessions of still images, left out")


def _expression(tree: Tree, name: str) -> str | None:
    """The expression that a session shows; None if it shows another task or says nothing."""
    if name not in tree.names:
        return None
    for tag in _parsed(tree, name).iter("Metatag"):
        if tag.get("Name") == "Emotion" and (tag.get("Value") or "").isdigit():
            return CODES.get(int(tag.get("Value") or 0))
    return None


def _turn(tree: Tree, video: str) -> str:
    """How the face comes upright: cameras lay on their side, and a mirror put two views into one frame."""
    session = str(PurePosixPath(video).with_name("session.xml"))
    track = next(_parsed(tree, session).iter("track"), None) if session in tree.names else None
    view = track.get("view") if track is not None else None
    if view == "1":
        return "&rotate=90"
    if view == DUAL:
        return "&half=right"
    height = frame_size(tree.path(video))[0]
    return "" if height == 480 else "&rotate=-90"


def _parsed(tree: Tree, name: str) -> xml.Element:
    try:
        return xml.fromstring(tree.read(name))
    except xml.ParseError as error:
        raise UserError(f"{tree.root / name}: not XML ({error})") from error
