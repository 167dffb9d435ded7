"""Limits: bodies, bombs, numbers of pictures, time, requests at a time; and nothing comes to lie on the disk."""

import asyncio
import struct
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient

from gcnet_core.inference.answers import Answers, KnownPerson, Prepared
from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.serve import uploads
from gcnet_core.serve.app import create_app
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.predictor import Predictor
from tests.serve.conftest import Bright, Start, png, sent

PREPARED = {"faces": "prepared"}
PATIENCE = 20


def test_a_body_that_is_too_large_is_refused(start: Start) -> None:
    client = start(megabytes=0.1)
    assert client.post("/api/predict", files=sent(bytes(90_000)), data=PREPARED).status_code == 200
    answer = client.post("/api/predict", files=sent(bytes(100_001)), data=PREPARED)
    assert answer.status_code == 413
    assert "0.1 MB" in answer.json()["detail"]


def test_a_body_that_does_not_say_how_long_it_is_is_refused_on_its_way(start: Start) -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for number in range(10_000):
            read.append(number)
            yield bytes(10_000)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = start(megabytes=0.1).post("/api/predict", content=endless(), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e3"])
def test_a_length_that_is_no_number_is_refused(start: Start, length: str) -> None:
    answer = start().post("/api/predict", content=b"x", headers={"content-length": length})
    assert answer.status_code == 413


def test_too_many_pictures_are_refused_those_of_the_person_counted(start: Start) -> None:
    client = start(pictures=3)
    assert client.post("/api/predict", files=sent(*[png(1)] * 3), data=PREPARED).status_code == 200
    assert client.post("/api/predict", files=sent(*[png(1)] * 4), data=PREPARED).status_code == 413
    files = [*sent(png(1), png(2)), *sent(png(3), png(4), field="album")]
    assert client.post("/api/predict", files=files, data=PREPARED).status_code == 413


def bomb(side: int) -> bytes:
    """A small PNG file that is a picture of gigabytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_000, 12_000, 60_000, 2**31 - 1])
def test_a_picture_of_too_many_pixels_is_never_decoded(
    start: Start, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    monkeypatch.setattr(uploads, "decode", None)
    (picture,) = start().post("/api/predict", files=sent(bomb(side)), data=PREPARED).json()["pictures"]
    assert "pixels" in picture["reason"] or "not a picture" in picture["reason"]


def test_the_limit_of_pixels_holds_exactly(start: Start) -> None:
    client = start(megapixels=0.0016)
    answer = client.post("/api/predict", files=sent(png(1, side=40), png(1, side=41)), data=PREPARED).json()
    assert [picture["reason"] for picture in answer["pictures"]] == [
        "",
        "41 × 41 pixels; at most 0.0016 million are read",
    ]


def test_nothing_comes_to_lie_on_the_disk(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("written to the disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
    answer = start().post("/api/predict", files=sent(bytes(4_000_000)), data=PREPARED)
    assert answer.status_code == 200


class Held(Bright):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let, self.begun = threading.Event(), threading.Event()
        self.inside = self.most = 0

    def answer(self, queries: Prepared, known: KnownPerson | None = None, *, with_reference: bool = False) -> Answers:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.begun.set()
        assert self.let.wait(PATIENCE)
        self.inside -= 1
        return super().answer(queries, known, with_reference=with_reference)


def test_requests_are_answered_one_at_a_time_and_too_many_are_sent_away(
    recognizer: Callable[..., Recognizer],
) -> None:
    answerer = Held()
    app = create_app(Predictor(recognizer(answerer), Limits(requests=3)))

    async def ask() -> list[Any]:
        async with AsyncClient(transport=ASGITransport(app=app), base_url="http://localhost") as client:

            async def one() -> Any:
                answer = await client.post("/api/predict", files=sent(png(1)), data=PREPARED)
                if answer.status_code == 503:
                    answerer.let.set()  # the others go on when one was sent away
                return answer

            first = await asyncio.gather(*[one() for _ in range(5)])
            return [*first, await one()]

    answers = asyncio.run(ask())
    assert sorted(answer.status_code for answer in answers[:5]) == [200, 200, 200, 503, 503]
    assert {answer.headers.get("retry-after") for answer in answers if answer.status_code == 503} == {"1"}
    assert answers[5].status_code == 200
    assert answerer.most == 1


def test_a_request_that_takes_too_long_is_given_up_and_its_place_is_free(start: Start) -> None:
    answerer = Held()
    client = start(answerer, seconds=0.2)
    answer = client.post("/api/predict", files=sent(png(1)), data=PREPARED)
    assert answer.status_code == 503
    assert "0.2 seconds" in answer.json()["detail"]
    assert answer.headers["retry-after"]
    answerer.let.set()


def test_the_time_is_looked_at_between_pictures(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def slow(name: str, content: bytes, pixels: int) -> Any:
        read.append(name)
        clock.now += 40
        return original(name, content, pixels)

    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    from gcnet_core.serve import desk, person

    clock, original = Clock(), uploads.read_upload
    monkeypatch.setattr(desk, "time", clock)
    monkeypatch.setattr(person, "read_upload", slow)
    answer = start(seconds=60).post("/api/predict", files=sent(*[png(1)] * 5), data=PREPARED)
    assert answer.status_code == 503
    assert len(read) == 2
