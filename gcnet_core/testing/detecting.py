"""Promises of face detectors."""

from itertools import chain

import numpy as np

from gcnet_core.interfaces import Detector
from gcnet_core.plugin_api import DetectorConfig
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check

SHAPES = ((48, 48, 1), (90, 160, 3), (31, 17, 1), (600, 400, 3))


@check()
def says_its_version(case: Case) -> None:
    """`version` is one line of text that names what decides where faces are found."""
    detector: Detector = case.build()
    if not detector.version.strip() or "\n" in detector.version:
        raise ContractError(f"version is {detector.version!r}")


@check()
def takes_pictures_of_any_shape(case: Case) -> None:
    """Grey and colour pictures of any size give a list of faces whose boxes have finite numbers and an area."""
    detector: Detector = case.build()
    for shape in SHAPES:
        for face in detector.detect(_picture(shape), "picture.png"):
            numbers = [*face.box, face.score, *chain.from_iterable(face.eyes or ())]
            if not np.isfinite(numbers).all() or min(face.box[2:]) <= 0:
                raise ContractError(f"a picture of shape {shape} gave {face}")


@check()
def leaves_the_picture_as_it_is(case: Case) -> None:
    """The pixels are not changed, and the same picture gives the same faces."""
    detector: Detector = case.build()
    for shape in SHAPES:
        picture = _picture(shape)
        before = picture.copy()
        first = detector.detect(picture, "picture.png")
        if not np.array_equal(picture, before):
            raise ContractError("detect changed the pixels; work on a copy")
        if detector.detect(picture, "picture.png") != first:
            raise ContractError("the same picture gave other faces the second time")


@check()
def keeps_to_its_options_when_permissive(case: Case) -> None:
    """The permissive options are options of the same detector, and turn no picture."""
    config = case.part.config
    if not isinstance(config, DetectorConfig):
        raise ContractError(f"{type(config).__name__} is no subclass of gcnet_core.plugin_api.DetectorConfig")
    permissive = config.permissive()
    if type(permissive) is not type(config) or permissive.rotations:
        raise ContractError(
            "permissive() must return a config of its own class without rotations; call super().permissive()"
        )


def _picture(shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


CHECKS = (
    says_its_version, takes_pictures_of_any_shape, leaves_the_picture_as_it_is, keeps_to_its_options_when_permissive,
)  # fmt: skip
