"""The same face keeps its number through a video."""

from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.videos.tracking import Tracker
from gcnet_core.interfaces import Face


def frame(time: float, *lefts: float, file: str = "a.mp4", side: float = 100.0) -> list[FaceResult]:
    time = float(time)
    number = round(10 * time)
    if not lefts:
        return [FaceResult(file, number, time, reason="no face found")]
    return [
        FaceResult(file, number, time, place, Face((float(left), 50.0, side, side), 1.0))
        for place, left in enumerate(sorted(lefts), start=1)
    ]


def numbers(*frames: list[FaceResult]) -> list[list[int | None]]:
    tracker = Tracker()
    return [[face.number for face in tracker(faces)] for faces in frames]


def test_faces_are_numbered_from_left_to_right_and_keep_their_numbers() -> None:
    assert numbers(frame(0, 0, 300), frame(0.1, 20, 280), frame(0.2, 40, 260)) == [[1, 2]] * 3


def test_a_new_face_at_the_left_does_not_renumber_the_others() -> None:
    assert numbers(frame(0, 300, 600), frame(0.1, 0, 300, 600)) == [[1, 2], [3, 1, 2]]


def test_a_face_that_is_hidden_for_a_moment_keeps_its_number() -> None:
    assert numbers(frame(0, 0, 300), frame(0.1, 0), frame(0.9, 0), frame(1.0, 5, 310)) == [[1, 2], [1], [1], [1, 2]]
    assert numbers(frame(0, 300), frame(0.5), frame(1.0, 300)) == [[1], [None], [1]]


def test_a_face_that_comes_back_much_later_is_a_new_one() -> None:
    assert numbers(frame(0, 300), *(frame(time / 2) for time in range(1, 5)), frame(2.5, 300))[-1] == [2]


def test_all_together_move_least() -> None:
    # the nearest old place of both is that of face 2, which only one can have
    assert numbers(frame(0, 0, 100), frame(0.1, 60, 130)) == [[1, 2], [1, 2]]


def test_a_far_face_does_not_take_a_number_from_a_near_one() -> None:
    assert numbers(frame(0, 0), frame(0.1, 10, 900)) == [[1], [1, 2]]
    assert numbers(frame(0, 0), frame(0.1, 900)) == [[1], [2]]


def test_a_face_of_another_size_is_another_face() -> None:
    assert numbers(frame(0, 0), frame(0.1, 0, side=800.0)) == [[1], [2]]


def test_frames_that_are_seconds_apart_are_still_followed() -> None:
    assert numbers(*(frame(5.0 * number, 300) for number in range(4))) == [[1]] * 4


def test_each_video_begins_anew_and_photographs_stay_as_they_are() -> None:
    assert numbers(frame(0, 0, 300), frame(0, 300, file="b.mp4")) == [[1, 2], [1]]
    photograph = [FaceResult("a.jpg", number=1, face=Face((0.0, 0.0, 9.0, 9.0), 1.0))]
    assert Tracker()(photograph) == photograph
