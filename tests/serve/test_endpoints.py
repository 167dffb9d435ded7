"""The endpoints: what is answered for faces, for pictures without, for the person; and what OpenAPI says."""

import base64
import re

import cv2
import numpy as np
import pytest

from gcnet_core.serve.answers import heat_map
from gcnet_core.serve.app import PAGE
from tests.inference.by_brightness import CLASSES
from tests.serve.conftest import ByPerson, Start, halves, png, sent

TWO_FACES = [("0", 44, 2, 36, 36), ("0", 4, 8, 24, 24)]
"""Of the first picture: inside, pictures go by their numbers."""


def test_the_faces_of_a_picture_from_the_left(start: Start) -> None:
    answer = start(rows=TWO_FACES).post("/api/predict", files=sent(halves(0, 255)))
    assert answer.status_code == 200
    told = answer.json()
    assert (told["model"], told["classes"]) == ("by_brightness", list(CLASSES))
    (picture,) = told["pictures"]
    assert [picture[key] for key in ("file", "width", "height", "reason")] == ["0.png", 80, 40, ""]
    dark, light = picture["faces"]
    assert (dark["number"], dark["label"], dark["box"]) == (1, "neutral", {"x": 4, "y": 8, "width": 24, "height": 24})
    assert (light["number"], light["label"], light["distance"]) == (2, "happiness", 1)
    assert light["probabilities"] == {"neutral": 0, "anger": 0, "happiness": 1}


def test_what_cannot_be_answered_has_a_reason_and_the_rest_goes_on(start: Start) -> None:
    client = start(rows=[("2", 0, 0, 40, 40)])
    files = sent(b"no picture", png(9), png(255), png(255)[:-20], b"")
    told = client.post("/api/predict", files=files).json()["pictures"]
    reasons = [picture["reason"] for picture in told]
    assert reasons[1:3] == ["no face found", ""]
    assert all(reasons[row] for row in (0, 3, 4))
    assert [len(picture["faces"]) for picture in told] == [0, 0, 1, 0, 0]
    assert told[0]["width"] is None


def test_the_neutral_face_and_the_difference_come_as_pictures(start: Start) -> None:
    answer = start().post("/api/predict", files=sent(png(250)), data={"faces": "prepared"})
    (face,) = answer.json()["pictures"][0]["faces"]
    assert face["box"] is None
    shown = {key: decoded(uri) for key, uri in face["pictures"].items()}
    assert np.array_equal(np.unique(shown["face"]), [250])
    assert np.array_equal(np.unique(shown["neutral"]), [5])
    assert shown["difference"].shape == (8, 8, 3)


def test_pictures_are_not_sent_back_where_nobody_wants_them(start: Start) -> None:
    answer = start().post("/api/predict", files=sent(png(250)), data={"faces": "prepared", "pictures": "false"})
    assert answer.json()["pictures"][0]["faces"][0]["pictures"] is None


def decoded(uri: str) -> np.ndarray:
    content = base64.b64decode(uri.removeprefix("data:image/png;base64,"))
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels


def test_the_heat_map_is_grey_where_nothing_differs_and_glows_where_much_does() -> None:
    query = np.full((1, 64, 64), 100, np.uint8)
    neutral = query.copy()
    assert np.array_equal(heat_map(query, neutral), np.full((3, 64, 64), 100))
    neutral[:, :, 40:] = 250
    red, _, blue = heat_map(query, neutral).astype(int)
    assert (red[:, :30] == 100).all()
    assert (red[:, 50:] > 200).all()
    assert (red[:, 50:] > blue[:, 50:] + 50).all()


def test_a_calm_picture_and_an_album_change_the_answer_but_not_by_the_picture_itself(start: Start) -> None:
    client = start(ByPerson())

    def happy(*person: tuple[str, tuple[str, bytes, str]]) -> float:
        answer = client.post("/api/predict", files=[*sent(png(200)), *person], data={"faces": "prepared"})
        share: float = answer.json()["pictures"][0]["faces"][0]["probabilities"]["happiness"]
        return share

    assert happy() == pytest.approx(200 / 255)
    assert happy(*sent(png(150), field="reference")) == pytest.approx(50 / 255)
    assert happy(*sent(png(100), png(150), field="album")) == pytest.approx(75 / 255)
    assert happy(*sent(png(100), png(200), field="album")) == pytest.approx(100 / 255)
    assert happy(*sent(png(200), field="album")) == pytest.approx(200 / 255)


def test_a_picture_of_the_person_that_is_of_no_use_is_named(start: Start) -> None:
    files = [*sent(png(200)), ("album", ("broken.jpg", b"none", "image/jpeg"))]
    answer = start(ByPerson()).post("/api/predict", files=files, data={"faces": "prepared"})
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("broken.jpg: not a picture")


def test_what_is_not_asked_as_it_must_be_is_told(start: Start) -> None:
    client = start()
    assert client.post("/api/predict").status_code == 422
    assert client.post("/api/predict", files=sent(png(1)), data={"faces": "hidden"}).status_code == 422
    unknown = client.post("/api/predict", files=sent(png(1)))
    assert unknown.status_code == 400
    assert "cut out" in unknown.json()["detail"]


def test_the_model_and_whether_it_finds_faces(start: Start) -> None:
    told = start().get("/api/model").json()
    assert told["classes"] == list(CLASSES)
    assert (told["finds_faces"], told["takes_references"], told["detector"]) == (False, False, None)
    told = start(ByPerson(), rows=[]).get("/api/model").json()
    assert (told["finds_faces"], told["takes_references"], told["detector"]) == (True, True, "boxes")
    assert start().get("/api/health").json() == {"status": "ok"}


def test_openapi_describes_every_endpoint_and_no_page_loads_from_elsewhere(start: Start) -> None:
    client = start()
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/api/health", "/api/model", "/api/predict"}
    assert client.get("/docs").status_code == client.get("/redoc").status_code == 404
    for file in PAGE.iterdir():
        foreign = re.findall(r"https?://(?!www\.w3\.org)", file.read_text(encoding="utf-8"))
        assert not foreign, file
    for path in ("/", "/about"):
        assert "<script>" not in client.get(path).text
        assert "style=" not in client.get(path).text


def test_the_page_on_limits_is_there(start: Start) -> None:
    text = start().get("/about").text
    assert "<h1>" in text
    assert "AI Act" in text
