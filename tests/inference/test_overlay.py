"""Drawings show what was found, and no file takes the place of another."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.inference.overlay.drawing import font, overlay
from gcnet_core.inference.overlay.folder import OverlayFolder
from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.results import FaceResult
from gcnet_core.inference.sources import Still, find_sources
from gcnet_core.inference.videos.writer import VideoFile
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import UserError
from tests.inference.conftest import scene, write_scene


def answered(left: float = 100.0, file: str = "a.jpg", **options: object) -> FaceResult:
    face = Face((left, 100.0, 120.0, 120.0), 1.0)
    return FaceResult(file, number=1, face=face, probabilities={"neutral": 0.2, "Überraschung\n": 0.8}, **options)  # type: ignore[arg-type]


def test_box_and_panel_are_drawn_and_the_face_stays_visible() -> None:
    pixels = np.full((400, 600, 1), 128, dtype=np.uint8)
    drawn = overlay(pixels, [answered()])
    assert drawn.shape == (400, 600, 3)
    assert (pixels == 128).all()
    changed = (drawn != 128).any(axis=2)
    assert changed[100:220, 100:220].any()
    assert not changed[108:212, 108:212].any()
    assert changed[:, 222:].any()


def test_panels_of_neighbours_hide_no_face() -> None:
    faces = [answered(left) for left in (20.0, 150.0, 280.0, 410.0)]
    changed = (overlay(np.full((400, 600, 3), 128, dtype=np.uint8), faces) != 128).any(axis=2)
    for face in faces:
        left = int(face.face.box[0]) if face.face else 0
        assert changed[108:212, left + 8 : left + 112].mean() < 0.05


def test_small_pictures_are_enlarged_and_prepared_faces_stay_whole() -> None:
    pixels = np.full((48, 48, 1), 128, dtype=np.uint8)
    probabilities = {"neutral": 0.2, "anger": 0.8}
    reference = np.full((1, 48, 48), 77, dtype=np.uint8)
    drawn = overlay(pixels, [FaceResult("a", number=1, probabilities=probabilities, reference=reference)])
    assert (drawn[:384, :384] == 128).all()
    assert drawn.shape[1] > 384
    assert (drawn == 77).all(axis=2).sum() > 400  # the neutral face


def test_a_picture_without_a_face_says_so() -> None:
    pixels = np.full((400, 600, 3), 128, dtype=np.uint8)
    assert (overlay(pixels, [FaceResult("a", reason="no face found")]) != 128).any()


def test_fonts_have_the_letters() -> None:
    assert "DejaVu" in font("Überraschung", 12).getname()[0]
    font("驚", 12)  # whether a font has it depends on the machine; the rest is drawn all the same


def test_names_that_collide_do_not_overwrite_each_other(tmp_path: Path) -> None:
    for name in ("x/a.jpg", "y/a.png", "y/a.jpg", "y/A.jpg", "y/ä b.jpg"):
        write_scene(tmp_path / "in" / name, 20)
    sources = find_sources([str(tmp_path / "in" / "x"), str(tmp_path / "in" / "y")])
    with OverlayFolder(tmp_path / "out") as draw:
        for source in sources:
            draw(source, Picture(source.name, scene(20)), [answered(file=source.name)])
    files = [path.relative_to(tmp_path / "out").as_posix().lower() for path in (tmp_path / "out").rglob("*.jpg")]
    assert len(set(files)) == len(sources) == 5


def test_nothing_is_written_outside_or_over_something(tmp_path: Path) -> None:
    source = Still("odd", "../../../etc/a.jpg", lambda: Picture("odd", scene(20)))
    with OverlayFolder(tmp_path / "out") as draw:
        draw(source, Picture("odd", scene(20)), [answered()])
    assert [path.name for path in tmp_path.rglob("*.jpg")] == ["a.jpg"]
    assert (tmp_path / "out" / "etc" / "a.jpg").is_file()
    with pytest.raises(UserError, match="--force"):
        OverlayFolder(tmp_path / "out")
    OverlayFolder(tmp_path / "out", force=True)


def test_videos_keep_the_pace_of_frames_at_uneven_times(tmp_path: Path) -> None:
    video = VideoFile(tmp_path / "a.mp4", 10.0)
    for time, grey in ((2.0, 50), (2.1, 100), (2.5, 200)):
        video.add(np.full((33, 35, 3), grey, dtype=np.uint8), time)
    video.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    capture, greys = cv2.VideoCapture(str(tmp_path / "a.mp4")), []
    while (frame := capture.read())[0]:
        greys.append(round(float(frame[1].mean()), -1))
    assert greys == [50, 100, 100, 100, 100, 200]
