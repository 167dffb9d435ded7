"""A server over a model that needs no training, and pictures to send."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.plugin_api import Registry
from gcnet_core.serve.app import create_app
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.predictor import Predictor
from tests.inference.by_brightness import BoxesFinder, ByBrightness

Start = Callable[..., TestClient]


class Bright(ByBrightness):
    """Says of a face how bright it is."""

    identity, has_generator = "bright", True


class ByPerson(Bright):
    """Says how far a face is from the mean of the pictures of its person; a person nobody knows is black."""

    takes_references = has_generator = True

    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        """Happy as far as the face is brighter."""
        light = self.codes(queries, calm=True)[:, 0]
        if known is not None:
            shares = known.known / np.maximum(known.known.sum(axis=1, keepdims=True), 1)
            light = light - (known.codes[:, :, 0] * shares).sum(axis=1)
        light = np.abs(light) / 255
        return Answers(np.stack([1 - light, 0 * light, light], axis=1), light)


def png(value: int, side: int = 40) -> bytes:
    """A picture of one grey."""
    return cv2.imencode(".png", np.full((side, side), value, np.uint8))[1].tobytes()


def halves(left: int, right: int) -> bytes:
    """A picture of 80 × 40 pixels, its halves of two greys."""
    pixels = np.full((40, 80), left, np.uint8)
    pixels[:, 40:] = right
    return cv2.imencode(".png", pixels)[1].tobytes()


def sent(*contents: bytes, field: str = "files") -> list[tuple[str, tuple[str, bytes, str]]]:
    """Pictures as a client sends them."""
    return [(field, (f"{number}.png", content, "image/png")) for number, content in enumerate(contents)]


@pytest.fixture
def recognizer(registry: Registry, tmp_path: Path) -> Callable[..., Recognizer]:
    """Makes recognizers whose detector knows where the faces are."""

    def make(answerer: Any = None, rows: Sequence[tuple[str, int, int, int, int]] | None = None) -> Recognizer:
        made = Recognizer(answerer or Bright(), registry)
        if rows is not None:
            made.finder = BoxesFinder(tmp_path, registry)(rows)
        return made

    return make


@pytest.fixture
def start(recognizer: Callable[..., Recognizer]) -> Start:
    """Starts servers."""

    def make(
        answerer: Any = None,
        rows: Sequence[tuple[str, int, int, int, int]] | None = None,
        base_url: str = "http://localhost:8000",
        hosts: Sequence[str] = (),
        **limits: float,
    ) -> TestClient:
        predictor = Predictor(recognizer(answerer, rows), Limits(**limits))  # type: ignore[arg-type]
        return TestClient(create_app(predictor, hosts), base_url=base_url)

    return make
