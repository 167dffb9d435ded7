"""Calm frames: past ones alone, unless the whole video may be looked at; never the frame itself."""

from dataclasses import replace

import numpy as np
import pytest

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.known.calm import KEPT, CalmFrames
from gcnet_core.inference.results import FaceResult
from gcnet_core.plugin_api import ImageConfig, UserError


class Model:
    """A face's first pixel says how far from rest it is, from 0 to 255, and is its code; below 128 it is neutral."""

    name, classes, identity, image = "a model", ("neutral", "anger"), "a model", ImageConfig(size=32)
    preparation = framing = None
    temperature = 1.0
    has_generator = takes_references = True

    def answer(self, queries: Prepared, known: KnownPerson | None = None, **options: bool) -> Answers:
        far = queries[:, 0, 0, 0] / 255
        return Answers(np.stack([1 - far, far], axis=1), far)

    def codes(self, pictures: Prepared, *, calm: bool) -> np.ndarray:
        assert calm
        return pictures[:, :1, 0, 0].astype(np.float32)


def frames(unrest: list[int], number: int = 1, file: str = "a.mp4") -> list[FaceResult]:
    return [
        FaceResult(file, frame, frame / 25, number, query=np.full((1, 2, 2), far, np.uint8))
        for frame, far in enumerate(unrest)
    ]


def compared(found: KnownPerson | None, row: int) -> list[float]:
    return [] if found is None else sorted(found.codes[row][found.known[row]][:, 0].tolist())


def test_a_face_is_compared_with_its_calm_frames_before() -> None:
    calm, faces = CalmFrames(Model()), frames([200, 20, 10, 250, 30])  # type: ignore[arg-type]
    found = calm(faces[:4])
    assert [compared(found, row) for row in range(4)] == [[], [], [20], [10, 20]]
    assert compared(calm(faces[4:]), 0) == [10, 20]
    assert compared(calm(frames([0], number=2)), 0) == []
    assert compared(calm(frames([0], file="b.mp4")), 0) == []


def test_the_calmest_frames_stand_for_a_face() -> None:
    calm, unrest = CalmFrames(Model()), list(range(100, 0, -10))  # type: ignore[arg-type]
    assert compared(calm(frames([*unrest, 255])), len(unrest)) == sorted(unrest)[:KEPT]


def test_offline_the_whole_video_counts_and_never_the_frame_itself() -> None:
    calm, faces = CalmFrames(Model(), offline=True), frames([200, 20, 10, 250, 30])  # type: ignore[arg-type]
    answers = Model().answer(np.stack([face.query for face in faces]))  # type: ignore[misc]
    calm.learn(
        [
            replace(face, probabilities=dict(zip(Model.classes, shares, strict=True)), distance=float(far))
            for face, shares, far in zip(faces, answers.probabilities.tolist(), answers.distance, strict=True)  # type: ignore[arg-type]
        ]
    )
    found = calm(faces)
    assert [compared(found, row) for row in range(5)] == [[10, 20, 30], [10, 30], [20, 30], [10, 20, 30], [10, 20]]


def test_without_a_generator_the_surest_neutral_frames_are_calm() -> None:
    model = Model()
    model.has_generator = False
    assert compared(CalmFrames(model)(frames([90, 20, 250])), 2) == [20, 90]  # type: ignore[arg-type]
    model.classes = ("anger", "happiness")
    with pytest.raises(UserError, match="nothing tells which frames are calm"):
        CalmFrames(model)  # type: ignore[arg-type]


def test_photographs_have_no_frames() -> None:
    faces = [replace(face, frame=None, time=None) for face in frames([10, 20])]
    assert CalmFrames(Model())(faces) is None  # type: ignore[arg-type]
