"""From pictures to results: order, batches, numbers of faces, pictures without a face."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.pipeline import AHEAD, Pipeline
from gcnet_core.inference.results import NO_FACE
from tests.inference.by_brightness import BoxesFinder, ByBrightness


def grey(value: int, name: str = "a.png", size: int = 40) -> Picture:
    """A picture of one grey."""
    return Picture(name, np.full((size, size, 1), value, np.uint8))


def two_faces(left: int, right: int, name: str) -> Picture:
    """A picture whose halves differ."""
    pixels = np.full((40, 80, 1), left, np.uint8)
    pixels[:, 40:] = right
    return Picture(name, pixels)


def test_faces_are_numbered_from_the_left_however_the_detector_lists_them(
    answerer: ByBrightness, boxes_finder: BoxesFinder
) -> None:
    finder = boxes_finder([("a.png", 44, 2, 36, 36), ("a.png", 4, 8, 24, 24)])
    (found,) = Pipeline(answerer, finder)([two_faces(0, 255, "a.png")])
    assert [(face.number, face.label) for face in found] == [(1, "neutral"), (2, "happiness")]
    assert [face.face.box[0] for face in found if face.face] == [4, 44]


def test_each_picture_keeps_its_place_with_a_reason_where_there_is_no_answer(
    answerer: ByBrightness, boxes_finder: BoxesFinder
) -> None:
    finder = boxes_finder([("a.png", 0, 0, 40, 40), ("d.png", 0, 0, 40, 40)])
    pictures = [grey(255), grey(9, "b.png"), Picture("c.png", None, reason="damaged"), grey(0, "d.png")]
    results = [face for faces in Pipeline(answerer, finder, workers=2)(pictures) for face in faces]
    told = [(face.file, face.label, face.reason) for face in results]
    assert told == [
        ("a.png", "happiness", ""), ("b.png", None, NO_FACE), ("c.png", None, "damaged"), ("d.png", "neutral", ""),
    ]  # fmt: skip
    assert results[1].probabilities == {}
    assert results[1].number is None


@pytest.mark.parametrize("workers", [1, 3])
def test_answers_do_not_depend_on_batches_and_workers(answerer: ByBrightness, workers: int) -> None:
    pictures = [grey(value, f"{value}.png") for value in range(0, 250, 7)]
    found = list(Pipeline(answerer, None, batch_size=8, workers=workers)(pictures))
    assert [faces[0].file for faces in found] == [picture.file for picture in pictures]
    for faces, value in zip(found, range(0, 250, 7), strict=True):
        assert faces[0].probabilities["happiness"] == pytest.approx(value / 255)
    assert max(answerer.asked) <= 8
    assert len(answerer.asked) <= 6


def test_more_faces_in_a_picture_than_in_a_batch(answerer: ByBrightness, boxes_finder: BoxesFinder) -> None:
    finder = boxes_finder([("a.png", 3 * number, 0, 3, 40) for number in range(10)])
    (found,) = Pipeline(answerer, finder, batch_size=4)([grey(255)])
    assert [face.number for face in found] == list(range(1, 11))
    assert answerer.asked == [4, 4, 2]


def test_only_a_few_pictures_are_read_ahead(answerer: ByBrightness) -> None:
    read = 0

    def pictures() -> Iterator[Picture]:
        nonlocal read
        while True:  # a camera never ends
            read += 1
            yield grey(1)

    stream = Pipeline(answerer, None, batch_size=2, workers=2)(pictures())
    for _ in range(4):
        next(stream)
    assert read <= 4 + 2 * AHEAD + 2
    stream.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPool")]


def test_pictures_without_faces_do_not_pile_up(answerer: ByBrightness, boxes_finder: BoxesFinder) -> None:
    read = 0

    def pictures() -> Iterator[Picture]:
        nonlocal read
        while True:
            read += 1
            yield grey(1, "empty.png")

    next(iter(Pipeline(answerer, boxes_finder([]), batch_size=2)(pictures())))
    assert read <= 8


def test_what_is_known_of_people_is_asked_for_each_batch(answerer: ByBrightness) -> None:
    asked: list[list[str]] = []
    pipeline = Pipeline(answerer, None, 2, known=lambda faces: asked.append([face.file for face in faces]))
    list(pipeline([grey(0, name) for name in "abc"]))
    assert asked == [["a", "b"], ["c"]]


def test_references_are_made_where_they_are_wanted(answerer: ByBrightness) -> None:
    (without,) = next(iter(Pipeline(answerer, None)([grey(10)])))
    (with_one,) = next(iter(Pipeline(answerer, None, with_reference=True)([grey(10)])))
    assert without.reference is None
    assert np.unique(with_one.reference).tolist() == [245]  # type: ignore[arg-type]
    assert np.unique(with_one.query).tolist() == [10]  # type: ignore[arg-type]


def test_an_error_of_the_source_reaches_the_user(answerer: ByBrightness) -> None:
    def pictures() -> Iterator[Picture]:
        yield grey(1)
        raise RuntimeError("camera was unplugged")

    with pytest.raises(RuntimeError, match="unplugged"):
        list(Pipeline(answerer, None, workers=2)(pictures()))
