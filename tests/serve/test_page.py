"""The page in a headless Chromium: files, camera, video, keyboard, names as text, phone and desktop."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import uvicorn

from gcnet_core.inference.recognizer import Recognizer
from gcnet_core.inference.results import FaceResult, Results
from gcnet_core.plugin_api import Registry
from gcnet_core.serve.app import create_app
from gcnet_core.serve.limits import Limits
from gcnet_core.serve.predictor import Predictor
from gcnet_core.serve.server import address, listen
from tests.inference.by_brightness import CLASSES
from tests.serve.browser import Page, browser, executable
from tests.serve.conftest import Bright, ByPerson, halves, png
from tests.serve.test_limits import Held

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium here")

TWO_FACES = [("0", 4, 8, 24, 24), ("0", 44, 2, 36, 36)]
Serve = Callable[..., str]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser whose camera is a picture of two halves."""
    folder = tmp_path_factory.mktemp("browser")
    pixels = np.full((240, 320, 3), 30, np.uint8)
    pixels[:, 160:] = 230
    camera = folder / "camera.mjpeg"
    camera.write_bytes(cv2.imencode(".jpg", pixels)[1].tobytes())
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with browser(folder / "profile", *flags, f"--use-file-for-fake-video-capture={camera}") as opened:
        yield opened


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers; gives the address."""
    servers = []

    def start(recognizer: Recognizer, limits: Limits = Limits()) -> str:  # noqa: B008
        listening = listen("127.0.0.1", 0)
        app = create_app(Predictor(recognizer, limits))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        servers.append((server, thread))
        return address(listening, "127.0.0.1")

    yield start
    for server, thread in servers:
        server.should_exit = server.force_exit = True
        thread.join()


def ready(page: Page, url: str, **options: Any) -> None:
    """Open the page and wait until it knows the model."""
    page.messages.clear()
    page.open(url, **options)
    page.wait_for("document.getElementById('model').textContent.includes(':')")


def results(page: Page) -> list[str]:
    """What the cards say, when all is done."""
    page.wait_for("document.getElementById('stop').hidden && document.getElementById('status').textContent")
    cards: list[str] = page.evaluate("[...document.querySelectorAll('article')].map(card => card.innerText)")
    return cards


def saved(page: Page) -> list[str]:
    """The lines of the CSV file."""
    page.evaluate("window.blobs = []; URL.createObjectURL = blob => (blobs.push(blob), 'blob:x')")
    page.evaluate("HTMLAnchorElement.prototype.click = () => {}; document.getElementById('save').click()")
    return str(page.evaluate("blobs[0].text()")).splitlines()


def test_files_become_cards_with_boxes_bars_and_a_table(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    (tmp_path / "two.png").write_bytes(halves(0, 255))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    ready(page, serve(recognizer(rows=TWO_FACES)))
    page.choose("#files", tmp_path / "two.png", tmp_path / "broken.png")
    two, broken = results(page)
    assert "2 faces" in two
    assert "100 %" in two
    assert "not a picture" in broken
    assert page.evaluate("document.querySelectorAll('rect').length") == 2
    assert page.evaluate("[...document.querySelectorAll('h3')].map(h => h.getAttribute('aria-label'))") == [
        "Face 1: neutral", "Face 2: happiness",
    ]  # fmt: skip
    assert (
        page.evaluate("[...document.querySelectorAll('img')].filter(i => !i.complete || !i.naturalWidth).length") == 0
    )
    head, first, second, third = saved(page)
    assert head.split(",") == list(Results([FaceResult("broken.png")], CLASSES).to_rows()[0])
    assert first.startswith("two.png,,,1,4,8,24,24,")
    assert ",happiness,0,0,1," in second
    assert third.startswith("broken.png,,,,")
    assert not page.messages
    page.evaluate("document.getElementById('clear').click()")
    assert page.evaluate("document.querySelectorAll('article').length") == 0


def test_a_file_that_is_too_large_is_not_sent_and_has_a_row(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    (tmp_path / "large.png").write_bytes(bytes(250_000))
    ready(page, serve(recognizer(rows=[]), Limits(megabytes=0.2)))
    page.choose("#files", tmp_path / "large.png")
    (card,) = results(page)
    assert "at most 0.2 MB" in card
    assert saved(page)[1].endswith(",0.3 MB; at most 0.2 MB can be sent")


def test_names_of_files_stay_words(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    name = '<img src=x onerror=window.hit=1>=1+1",.png'
    (tmp_path / name).write_bytes(png(9))
    (tmp_path / "=1+1.png").write_bytes(png(9))
    ready(page, serve(recognizer(rows=[])))
    page.choose("#files", tmp_path / name, tmp_path / "=1+1.png")
    first, second = results(page)
    assert name in first
    assert "no face found" in second
    assert page.evaluate("window.hit === undefined")
    lines = saved(page)
    assert '""' in lines[1]
    assert lines[2].startswith("'=1+1.png,")


def test_what_waits_can_be_stopped(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    answerer = Held()
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(png(9))
    url = serve(recognizer(answerer, rows=[("0", 0, 0, 40, 40)]))
    ready(page, url)
    page.choose("#files", tmp_path / "a.png", tmp_path / "b.png")
    page.wait_for("document.querySelector('article').innerText.includes('looking')")
    page.evaluate("document.getElementById('stop').click()")
    page.wait_for("document.getElementById('stop').hidden")
    answerer.let.set()
    assert page.evaluate("[...document.querySelectorAll('.title span')].map(s => s.textContent)") == ["stopped"] * 2


def test_the_camera_is_read_until_it_is_stopped(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer]
) -> None:
    ready(page, serve(recognizer(rows=[("0", 10, 10, 100, 100)])))
    page.evaluate("document.getElementById('camera').click()")
    page.wait_for("document.querySelectorAll('#live .face').length")
    page.wait_for("document.getElementById('status').textContent.includes('camera: ')")
    assert page.evaluate("document.getElementById('video').srcObject.active")
    page.evaluate("document.getElementById('stop').click()")
    page.wait_for("document.getElementById('live').hidden && document.getElementById('stop').hidden")
    assert page.evaluate("document.getElementById('video').srcObject === null")
    lines = saved(page)
    assert len(lines) > 1
    assert lines[1].startswith("camera,0,")


def test_frames_of_a_video_are_taken_in_the_browser(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    video = tmp_path / "film.webm"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"VP80"), 10, (160, 120))
    for value in np.linspace(0, 255, 20):
        writer.write(np.full((120, 160, 3), value, np.uint8))
    writer.release()
    if not video.is_file() or not video.stat().st_size:
        pytest.skip("this OpenCV writes no WebM")
    ready(page, serve(recognizer(rows=[("0", 0, 0, 160, 120)])))
    page.choose("#files", video)
    page.wait_for("document.getElementById('save').offsetParent && document.getElementById('stop').hidden")
    lines = [line.split(",") for line in saved(page)[1:]]
    assert [line[0] for line in lines] == ["film.webm"] * len(lines)
    assert [float(line[2]) for line in lines] == pytest.approx([0, 0.5, 1, 1.5], abs=0.06)
    happy = [float(line[17]) for line in lines]
    assert happy == sorted(happy)


def test_pictures_of_the_person_are_asked_for_where_they_help(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path
) -> None:
    (tmp_path / "query.png").write_bytes(png(200))
    (tmp_path / "calm.png").write_bytes(png(200, side=41))
    ready(page, serve(recognizer(Bright(), rows=[])))
    assert page.evaluate("document.getElementById('person').hidden")
    ready(page, serve(recognizer(ByPerson())))
    assert not page.evaluate("document.getElementById('person').hidden")
    assert page.evaluate("document.getElementById('prepared').checked && document.getElementById('prepared').disabled")
    page.choose("#reference", tmp_path / "calm.png")
    page.choose("#files", tmp_path / "query.png")
    (card,) = results(page)
    assert "neutral\n100 %" in card.replace("\n\n", "\n")


def test_everything_is_reached_by_the_keyboard(page: Page, serve: Serve, recognizer: Callable[..., Recognizer]) -> None:
    ready(page, serve(recognizer(ByPerson(), rows=[])))
    page.evaluate("document.getElementById('options').open = true")
    reached = []
    for _ in range(9):
        page.press("Tab", 9)
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert reached[:2] == ["choose", "camera"]
    assert reached[3:7] == ["prepared", "every", "reference", "album"]
    assert reached[-1].startswith("what expression") or reached[-2].startswith("what expression")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844), (320, 640)])
def test_nothing_sticks_out_and_every_control_has_a_name(
    page: Page, serve: Serve, recognizer: Callable[..., Recognizer], tmp_path: Path, width: int, height: int
) -> None:
    (tmp_path / f"{'long' * 30}.png").write_bytes(halves(0, 255))
    ready(page, serve(recognizer(rows=TWO_FACES)), width=width, height=height)
    page.choose("#files", tmp_path / f"{'long' * 30}.png")
    results(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    nameless = (
        "[...document.querySelectorAll('button, input:not([hidden])')].filter(e => !e.innerText && !e.labels?.length)"
    )
    assert page.evaluate(f"{nameless}.map(e => e.id)") == []
    assert page.evaluate("[...document.images].every(i => i.alt)")


@pytest.mark.data
def test_a_photograph_of_the_london_set(page: Page, serve: Serve, registry: Registry, faces: Path) -> None:
    answerer = Bright()
    answerer.framing = {"eye_distance": 0.4, "eye_height": 0.37}
    ready(page, serve(Recognizer(answerer, registry, detector="haar")), width=390, height=844)
    page.choose("#files", faces / "london" / "smiling_001_08.jpg")
    (card,) = results(page)
    assert "1 face" in card
    box = page.evaluate("(r => [r.x, r.y, r.width].map(v => v.baseVal.value))(document.querySelector('rect'))")
    assert np.allclose(box, (385, 481, 557), atol=60), json.dumps(box)
    assert page.evaluate("document.querySelectorAll('.looks img').length") == 3
    assert not page.messages
