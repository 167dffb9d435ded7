"""Photographs are framed as the training pictures were."""

import numpy as np
import pytest

from gcnet_core.faces.align import to_crop
from gcnet_core.inference.framing import model_finder
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import Registry, UserError
from tests.inference.by_brightness import ByBrightness

FACE = Face((100.0, 80.0, 90.0, 120.0), 1.0, eyes=((130.0, 120.0), (170.0, 116.0)))


def eyes_in_crop(finder: object) -> np.ndarray:
    """Where the eyes of a face come to lie, as shares of the crop."""
    config = finder.config  # type: ignore[attr-defined]
    points = np.column_stack([np.array(FACE.eyes), [1, 1]])
    return np.asarray((points @ to_crop(FACE, config).T + 0.5) / config.size)


def test_a_model_that_knows_its_preparation_takes_it_as_it_is(answerer: ByBrightness, registry: Registry) -> None:
    answerer.preparation = {"detector": {"type": "none"}, "size": 77, "eye_distance": 0.5, "several": "largest"}
    finder = model_finder(answerer, registry)
    assert (finder.config.size, finder.config.eye_distance, finder.config.detector.type) == (77, 0.5, "none")
    assert finder.config.several == "all"


def test_a_model_of_cut_out_faces_frames_by_the_places_of_the_eyes(answerer: ByBrightness, registry: Registry) -> None:
    answerer.framing = {"eye_distance": 0.4, "eye_height": 0.3}
    finder = model_finder(answerer, registry)
    assert finder.config.size == 16  # the smallest crop there is
    assert np.allclose(eyes_in_crop(finder), [[0.3, 0.3], [0.7, 0.3]])


def test_what_the_user_sets_wins(answerer: ByBrightness, registry: Registry) -> None:
    answerer.framing = {"eye_distance": 0.4, "eye_height": 0.3}
    finder = model_finder(answerer, registry, ["eye_distance=0.2", "several=largest"], detector="none")
    assert np.allclose(eyes_in_crop(finder), [[0.4, 0.3], [0.6, 0.3]])
    assert (finder.config.detector.type, finder.config.several) == ("none", "largest")


def test_another_detector_keeps_the_places_of_the_eyes(answerer: ByBrightness, registry: Registry) -> None:
    answerer.preparation = {"detector": {"type": "haar"}, "size": 77, "eye_distance": 0.5, "margin": 0.1}
    finder = model_finder(answerer, registry, detector="none")
    assert (finder.config.detector.type, finder.config.eye_distance, finder.config.margin) == ("none", 0.5, 0.1)


def test_without_any_knowledge_the_user_is_asked(answerer: ByBrightness, registry: Registry) -> None:
    with pytest.raises(UserError, match=r"by_brightness was trained on faces .* `--faces prepared`"):
        model_finder(answerer, registry)
    assert model_finder(answerer, registry, ["eye_distance=0.35"]).config.eye_distance == 0.35
