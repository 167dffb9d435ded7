"""`gcnet predict` and `gcnet calibrate` with people who are known, as a user calls them."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.plugin_api import Registry
from tests.conftest import made_once
from tests.inference.known_models import save, save_faces
from tests.runs import gcnet

PREPARED = ("--faces", "prepared")


@pytest.fixture(scope="module")
def model(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return (
        made_once(tmp_path_factory, "known-model", lambda folder: save(registry, folder / "model") and None) / "model"
    )


def rows(model: Path, *words: object) -> list[dict[str, str]]:
    done = gcnet("predict", model, *words, *PREPARED, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(done.stdout.splitlines()))


def test_a_persons_file_answers_as_the_pictures_do(model: Path, tmp_path: Path) -> None:
    queries, calm = save_faces(tmp_path / "asked", 2), save_faces(tmp_path / "anna", 2, seed=1)
    done = gcnet("calibrate", model, *calm, *PREPARED, "--output", tmp_path / "anna.json")
    assert done.returncode == 0, done.stderr
    assert "2 pictures of anna" in done.stdout
    assert "biometric data" in done.stdout
    by_file = rows(model, *queries, "--person", tmp_path / "anna.json")
    by_pictures = rows(model, *queries, "--reference", calm[0], "--reference", calm[1])
    assert [float(row["anger"]) for row in by_file] == pytest.approx(
        [float(row["anger"]) for row in by_pictures], abs=1e-5
    )
    assert by_file[0]["anger"] != rows(model, queries[0])[0]["anger"]
    again = gcnet("calibrate", model, *calm, *PREPARED, "--output", tmp_path / "anna.json")
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_people_of_folders_and_who_is_answered_alone(model: Path, tmp_path: Path) -> None:
    save_faces(tmp_path / "people" / "anna", 2, seed=1)
    save_faces(tmp_path / "asked" / "anna", 1, seed=2)
    save_faces(tmp_path / "asked" / "somebody", 1, seed=3)
    done = gcnet("predict", model, tmp_path / "asked", *PREPARED, "--people", tmp_path / "people")
    assert done.returncode == 0, done.stderr
    assert "1 answered alone, as nothing else is known of the person" in done.stderr


def video(path: Path, frames: int = 6) -> Path:
    film = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (32, 32))
    for number in range(frames):
        film.write(np.full((32, 32, 3), 20 + 30 * number, np.uint8))
    film.release()
    return path


def test_a_short_video_stands_for_a_person(model: Path, tmp_path: Path) -> None:
    done = gcnet(
        "calibrate", model, video(tmp_path / "anna.avi"), *PREPARED, "--expressions", "any", "--every", "0.08",
        "--output", tmp_path / "anna.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "3 pictures of anna" in done.stdout


@pytest.mark.parametrize("options", [(), ("--offline",)])
def test_calm_frames_of_a_video(model: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    film = video(tmp_path / "a.avi")
    assert len(rows(model, film, "--calm", "auto", *options)) == 6


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--people", "x", "--reference", "y"), "exclude each other"),
        (("--offline",), "give that too"),
        (("--calm", "auto"), "calm frames of a video"),
        (("--reference", "nothing.jpg"), "--reference nothing.jpg: no such file"),
        (("--person", "nobody.json"), "gcnet calibrate MODEL PICTURES --output nobody.json"),
    ],
)
def test_bad_input_is_told(model: Path, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = gcnet("predict", model, *save_faces(tmp_path, 1), *PREPARED, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_says_what_the_answers_rest_on(model: Path, tmp_path: Path) -> None:
    pytest.importorskip("captum")
    album = save_faces(tmp_path / "album", 2, seed=1)
    odd = tmp_path / "<b>bold & [red].png"
    odd.write_bytes(save_faces(tmp_path, 1)[0].read_bytes())
    rows(model, odd, album[0], "--album", tmp_path / "album", "--explain", tmp_path / "why")
    page = (tmp_path / "why" / "index.html").read_text()
    assert "&lt;b&gt;bold &amp; [red].png" in page
    assert "<b>bold" not in page
    assert page.count("data:image/png;base64,") == 2
    assert "compared with known pictures of the person (2)" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert len(list((tmp_path / "why" / "figures").glob("*.png"))) == 2
    again = gcnet("predict", model, odd, *PREPARED, "--explain", tmp_path / "why")
    assert again.returncode == 2
    assert "already holds something" in again.stderr
