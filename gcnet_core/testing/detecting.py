"""Promises of face detectors."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np

from gcnet_core.interfaces import Detector, Face
from gcnet_core.plugin_api import DetectorConfig
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.process_state import leaves_no_trace
from gcnet_core.testing.every_part.common import is_of_its_kind

NAME = "picture.png"
SHAPES = ((48, 48, 1), (90, 120, 3), (31, 17, 1))
LARGE = (600, 400, 3)
EXTREME = ((1, 1, 1), (1, 1, 3), (1, 300, 3), (300, 1, 1), (2, 3, 3), (19, 900, 1))
"""Pictures in which no face can be; they must do no harm."""


@check(is_of_its_kind)
def says_its_version(case: Case) -> None:
    """`version` is one line of text that names what decides where faces are found, the same for every object."""
    versions = [case.build(seed).version for seed in (0, 1)]
    version = versions[0]
    if not isinstance(version, str) or not version.strip() or "\n" in version:
        raise ContractError(f"version is {version!r}; name library with version, or file with checksum, in one line")
    if versions[1] != version:
        raise ContractError(f"version is {version!r} of one object and {versions[1]!r} of another")


@check(is_of_its_kind)
def takes_pictures_of_any_shape(case: Case) -> None:
    """Grey and colour pictures of any size give a list of faces with finite numbers, each in or around the picture."""
    detector: Detector = case.build()
    for shape in (*SHAPES, LARGE, *EXTREME):
        for pixels in _pictures(shape)[:: 1 if shape in SHAPES else 3]:
            found: Any = detector.detect(pixels, NAME)
            if not isinstance(found, list) or not all(isinstance(face, Face) for face in found):
                raise ContractError(f"detect gave {str(found)[:80]}; return a list of gcnet_core.interfaces.Face")
            for face in found:
                fault = _fault(face, pixels.shape)
                if fault and shape not in EXTREME:
                    raise ContractError(f"a picture of shape {shape} gave {face}: {fault}")


def _fault(face: Face, shape: tuple[int, ...]) -> str:
    """What is wrong with a face, empty if nothing is."""
    points = face.eyes or ()
    if not _are_numbers(face.box, 4) or not _are_numbers((face.score,), 1):
        return "box and score must be finite numbers, the box four of them"
    if min(face.box[2:]) <= 0:
        return "the box has no area; it is left, top, width, height"
    if face.eyes is not None and (len(points) != 2 or not all(_are_numbers(point, 2) for point in points)):
        return "eyes are two points (x, y) of finite numbers, or None"
    if type(face.guessed) is not bool or type(face.profile) is not bool:
        return "guessed and profile are True or False"
    return ""


def _are_numbers(values: Any, count: int) -> bool:
    if not isinstance(values, tuple) or len(values) != count:
        return False
    return all(isinstance(value, int | float | np.floating | np.integer) and np.isfinite(value) for value in values)


@check(takes_pictures_of_any_shape)
def finds_faces_in_the_picture(case: Case) -> None:
    """A box lies in or around the picture, eyes in or near their box, the person's right one to the left."""
    detector: Detector = case.build()
    for shape in (*SHAPES[:2], LARGE):
        for face in detector.detect(_drawn_face(shape), NAME):
            if fault := _misplaced(face, shape):
                raise ContractError(f"a picture of shape {shape} gave {face}: {fault}")
        found = detector.detect(_drawn_face(shape))
        if len(found) == 1 and not _is_in_the_middle(found[0], shape):
            raise ContractError(
                f"the face in the middle of a picture of shape {shape} has the box {found[0].box}; a box is left, top, "
                "width, height"
            )


def _is_in_the_middle(face: Face, shape: tuple[int, ...]) -> bool:
    left, top, width, height = face.box
    side = min(shape[:2]) / 3
    across, down = left + width / 2 - shape[1] / 2, top + height / 2 - shape[0] / 2
    return abs(across) < 0.6 * side and abs(down) < 0.8 * side


def _misplaced(face: Face, shape: tuple[int, ...]) -> str:
    left, top, width, height = face.box
    x, y = left + width / 2, top + height / 2
    if not (-shape[1] / 2 <= x <= 1.5 * shape[1] and -shape[0] / 2 <= y <= 1.5 * shape[0]):
        return "it lies outside; x goes right, y goes down, in pixels of the picture that was given"
    if face.eyes is None:
        return ""
    for x, y in face.eyes:
        if not (left - 0.5 * width <= x <= left + 1.5 * width and top - 0.5 * height <= y <= top + 1.5 * height):
            return "an eye lies far from its box"
    if abs(face.turn) > 120:
        return "the eyes are exchanged: the person's right eye, the left one of an upright face, comes first"
    return ""


@check(takes_pictures_of_any_shape)
def leaves_the_picture_as_it_is(case: Case) -> None:
    """The pixels are not changed; a picture gives the same faces again, to another object, and after other pictures."""
    detector: Detector = case.build()
    first = {}
    for shape in SHAPES:
        for number, pixels in enumerate(_pictures(shape)):
            before = pixels.copy()
            first[shape, number] = list(detector.detect(pixels, NAME))
            if not np.array_equal(pixels, before):
                raise ContractError("detect changed the pixels; work on a copy")
    other: Detector = case.build(seed=1)
    for shape in SHAPES[::-1]:
        for number, pixels in enumerate(_pictures(shape)):
            for asked in (detector, other):
                if asked.detect(pixels, NAME) != first[shape, number]:
                    raise ContractError("the same picture gave other faces the second time")


@check(leaves_the_picture_as_it_is)
def takes_pictures_however_they_lie_in_memory(case: Case) -> None:
    """Views of larger arrays, column by column, and pictures that cannot be written to give the same faces."""
    detector: Detector = case.build()
    for shape in SHAPES[:2]:
        for pixels in _pictures(shape):
            expected = detector.detect(pixels, NAME)
            locked = np.frombuffer(pixels.tobytes(), dtype=np.uint8).reshape(pixels.shape)
            larger = np.zeros((shape[0] * 2, shape[1] * 2, shape[2]), dtype=np.uint8)
            larger[::2, ::2] = pixels
            for kind, view in {
                "a picture that cannot be written to": locked,
                "every second pixel of an array": larger[::2, ::2],
                "an array in the order of columns": np.asfortranarray(pixels),
            }.items():
                if not _alike(detector.detect(view, NAME), expected):
                    raise ContractError(f"{kind} gave other faces; use np.ascontiguousarray")


@check(leaves_the_picture_as_it_is)
def sees_grey_as_colour(case: Case) -> None:
    """A grey picture, and the same in three equal channels, give as many faces, at the same places."""
    detector: Detector = case.build()
    for shape in SHAPES:
        for grey in _pictures((*shape[:2], 1)):
            first, second = detector.detect(grey, NAME), detector.detect(np.repeat(grey, 3, axis=2), NAME)
            if len(first) != len(second) or not all(map(_near, _sorted(first), _sorted(second))):
                raise ContractError(f"a picture of shape {grey.shape} gave {first}, and in three channels {second}")


@check(sees_grey_as_colour)
def moves_with_the_face(case: Case) -> None:
    """With borders at the left and top of a picture, box and eyes of its one face move by as much, at least once."""
    detector: Detector = case.build()
    told = [fault for shape in (SHAPES[1], SHAPES[2]) for fault in _moved(detector, _drawn_face(shape))]
    if len(told) > 1 and all(told):
        raise ContractError(f"{told[0]}; a box is left, top, width, height in pixels of the picture")


def _moved(detector: Detector, pixels: np.ndarray) -> Iterator[str]:
    """How the face of a picture moved, for each of some borders: empty where by as much; nothing without one face."""
    height, width, _ = pixels.shape
    before = detector.detect(pixels)
    looks = detector.detect(np.full_like(pixels, 128)) != before
    if not looks or len(before) != 1 or before[0].area > 0.6 * height * width:
        return  # none, all of the picture, or always the same
    for top, left in ((height // 4, width), (height, width // 4)):
        after = detector.detect(np.pad(pixels, ((top, 0), (left, 0), (0, 0)), mode="edge"))
        if len(after) != 1:
            continue
        border = f"with {left} pixels more on the left and {top} above"
        x, y, *sides = before[0].box
        moved = Face((x + left, y + top, sides[0], sides[1]), before[0].score)
        told = "" if _near(moved, after[0], 0.4) else f"{border}, {before[0].box} became {after[0].box}"
        for (x, y), (new_x, new_y) in zip(before[0].eyes or (), after[0].eyes or (), strict=False):
            if max(abs(x + left - new_x), abs(y + top - new_y)) > 0.4 * max(sides):
                told = told or f"{border}, an eye at {x, y} went to {new_x, new_y}"
        yield told


def _alike(first: list[Face], second: list[Face]) -> bool:
    """Whether the same faces were found, up to what sums in another order differ by."""
    pairs = list(zip(_sorted(first), _sorted(second), strict=False))
    scores = (abs(one.score - other.score) <= 1e-3 * max(1.0, abs(one.score)) for one, other in pairs)
    return len(first) == len(second) and all(_near(one, other, 0.01) for one, other in pairs) and all(scores)


def _sorted(faces: list[Face]) -> list[Face]:
    return sorted(faces, key=lambda face: face.box)


def _near(first: Face, second: Face, share: float = 0.1) -> bool:
    """Whether two boxes are the same, up to a share of their larger side."""
    tolerance = share * max(*first.box[2:], *second.box[2:]) + 1
    return all(abs(one - other) <= tolerance for one, other in zip(first.box, second.box, strict=True))


@check(leaves_the_picture_as_it_is)
def answers_after_a_failure(case: Case) -> None:
    """After something that is no picture it answers as before."""
    detector: Detector = case.build()
    pixels = _pictures(SHAPES[1])[-1]
    expected = detector.detect(pixels, NAME)
    for nonsense in (None, np.zeros((0, 0, 3), dtype=np.uint8), np.zeros(3, dtype=np.uint8)):
        try:
            detector.detect(nonsense, NAME)  # type: ignore[arg-type]
        except Exception:
            continue
    if detector.detect(pixels, NAME) != expected:
        raise ContractError("after something that is no picture it finds other faces")


@check(takes_pictures_of_any_shape)
def needs_no_name(case: Case) -> None:
    """A picture without a name, or with one of which there is no file, raises nothing."""
    detector: Detector = case.build()
    pixels = _pictures(SHAPES[1])[-1]
    for faces in (detector.detect(pixels), detector.detect(pixels, "no/such folder/picture.png")):
        if not isinstance(faces, list):
            raise ContractError(f"detect gave {faces!r}; return a list, empty if there is no face")


@check(takes_pictures_of_any_shape)
def leaves_the_process_as_it_is(case: Case) -> None:
    """Detecting sets no seed and no setting that others share, and prints nothing."""

    def detect() -> None:
        detector: Detector = case.context.build(case.part)
        for pixels in _pictures(SHAPES[0])[::3]:
            detector.detect(pixels, NAME)

    leaves_no_trace(detect, "the detector")


@check(is_of_its_kind)
def keeps_to_its_options_when_permissive(case: Case) -> None:
    """The permissive options are options of the same detector, turn no picture, and change nothing of the others."""
    config = case.part.config
    if not isinstance(config, DetectorConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.DetectorConfig")
    before = config.model_dump()
    permissive = config.permissive()
    if type(permissive) is not type(config) or permissive.rotations:
        raise ContractError(
            "permissive() must return a config of its own class without rotations; call super().permissive()"
        )
    if config.model_dump() != before:
        raise ContractError("permissive() changed the options themselves; return a copy")
    type(config).model_validate(permissive.model_dump(), context={"registry": case.registry})


@check(keeps_to_its_options_when_permissive, leaves_the_picture_as_it_is)
def overlooks_less_when_permissive(case: Case) -> None:
    """With the permissive options it finds a face wherever it found one before."""
    detector: Detector = case.build()
    options = case.part.config.permissive().model_dump(mode="json")
    permissive: Detector = case.context.build(case.registry.part(case.kind, case.name, options))
    for shape in SHAPES:
        for pixels in _pictures(shape):
            if detector.detect(pixels, NAME) and not permissive.detect(pixels, NAME):
                raise ContractError(f"a face in a picture of shape {shape} is overlooked with the permissive options")


def _pictures(shape: tuple[int, int, int]) -> list[np.ndarray]:
    """Noise, black, white, and a bright drawn face on grey."""
    noise = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return [noise, np.zeros(shape, dtype=np.uint8), np.full(shape, 255, dtype=np.uint8), _drawn_face(shape)]


def _drawn_face(shape: tuple[int, int, int]) -> np.ndarray:
    """Something at which some detectors find a face."""
    height, width, channels = shape
    pixels, side = np.full((height, width), 90, dtype=np.uint8), min(height, width) / 3

    def ellipse(right: float, down: float, across: float, along: float, level: int) -> None:
        """All but the level in shares of the face's side, from its middle."""
        centre = round(width / 2 + right * side), round(height / 2 + down * side)
        cv2.ellipse(pixels, centre, (max(round(across * side), 1), max(round(along * side), 1)), 0, 0, 360, level, -1)

    ellipse(0, 0, 0.8, 1, 210)
    ellipse(-0.35, -0.25, 0.16, 0.09, 30)
    ellipse(0.35, -0.25, 0.16, 0.09, 30)
    ellipse(0, 0.5, 0.3, 0.08, 70)
    return np.ascontiguousarray(np.repeat(pixels[:, :, None], channels, axis=2))


CHECKS = (
    says_its_version, takes_pictures_of_any_shape, finds_faces_in_the_picture, leaves_the_picture_as_it_is,
    takes_pictures_however_they_lie_in_memory, sees_grey_as_colour, moves_with_the_face, answers_after_a_failure,
    needs_no_name, leaves_the_process_as_it_is,
    keeps_to_its_options_when_permissive, overlooks_less_when_permissive,
)  # fmt: skip
