"""What a user may name as pictures, and what is told of what is none."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.inference.pictures import Picture
from gcnet_core.inference.sources import find_sources
from gcnet_core.inference.videos.frames import Frames
from gcnet_core.plugin_api import UserError
from tests.inference.conftest import scene, write_scene, write_video


def pictures(*named: object, frames: Frames | None = None) -> list[Picture]:
    sources = find_sources([str(word) for word in named], frames)
    found = [picture for source in sources for picture in source.pictures()]
    return [picture() if callable(picture) else picture for picture in found]


def names(*named: object) -> list[str]:
    return [source.name for source in find_sources([str(word) for word in named])]


def test_folders_are_searched_without_what_is_hidden_or_no_picture(tmp_path: Path) -> None:
    wanted = [write_scene(tmp_path / name) for name in ("a.jpg", "below/deeper/b.PNG")]
    write_scene(tmp_path / ".hidden.jpg")
    write_scene(tmp_path / ".cache" / "c.jpg")
    (tmp_path / "notes.txt").write_text("no picture")
    assert names(tmp_path) == [str(path) for path in wanted]


def test_each_thing_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = write_scene(tmp_path / "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert len(names(picture, tmp_path, "a.jpg", "*.jpg", "./a.jpg")) == 1


def test_patterns_and_names_that_look_like_patterns(tmp_path: Path) -> None:
    write_scene(tmp_path / "x" / "y" / "a.jpg")
    write_scene(tmp_path / "x" / "b.jpg")
    (tmp_path / "x" / "c.txt").touch()
    odd = write_scene(tmp_path / "[1].jpg")
    assert len(names(tmp_path / "**" / "*.jpg")) == 3
    assert len(names(tmp_path / "x" / "*")) == 2
    assert names(odd) == [str(odd)]


def test_all_wrong_words_are_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError) as told:
        names(tmp_path / "missing.jpg", tmp_path / "empty", tmp_path / "*.gif")
    assert [word in str(told.value) for word in ("missing.jpg", "empty", "*.gif")] == [True] * 3


def test_archives(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(write_scene(tmp_path / "a.png"), "in/a.png")
        file.writestr("in/broken.jpg", b"x")
        file.writestr("__MACOSX/a.png", b"x")
        file.writestr("notes.txt", b"x")
    good, bad = pictures(archive)
    assert good.file == f"{archive}/in/a.png"
    assert good.pixels is not None
    assert "broken.jpg" in bad.reason
    archive.write_bytes(b"x")
    with pytest.raises(UserError, match=r"a\.zip"):
        pictures(archive)


def test_what_cannot_be_read_is_a_picture_with_a_reason(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.mp4", "c"):
        (tmp_path / name).write_bytes(b"nothing")
    found = pictures(*(tmp_path / name for name in ("a.jpg", "b.mp4", "c")))
    assert [picture.pixels is None and bool(picture.reason) for picture in found] == [True] * 3


def test_frames_come_with_their_times(tmp_path: Path) -> None:
    video = write_video(tmp_path / "a.mp4", [scene(4 * number) for number in range(10)], rate=20)
    found = pictures(video)
    assert [picture.frame for picture in found] == list(range(10))
    assert np.allclose([picture.time for picture in found], np.arange(10) / 20, atol=1e-3)
    assert [picture.frame for picture in pictures(video, frames=Frames(every=0.2))] == [0, 4, 8]
    assert [picture.frame for picture in pictures(video, frames=Frames(seconds=0.15))] == [0, 1, 2]
    assert find_sources([str(video)])[0].expected() == 10
    assert find_sources([str(video)], Frames(every=0.25))[0].expected() == 2


def test_a_video_that_was_cut_off_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 64, 64, 3), dtype=np.uint8)
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 64))
    for frame in noise:
        writer.write(frame)
    writer.release()
    content = (tmp_path / "a.avi").read_bytes()
    (tmp_path / "a.avi").write_bytes(content[: len(content) // 2])
    found = pictures(tmp_path / "a.avi")
    assert len(found) < 60
    assert "cut off" in found[-1].reason


def test_variable_rates(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    from fractions import Fraction

    shown = [0, 40, 80, 500, 520, 1500]  # milliseconds
    with av.open(str(tmp_path / "a.mp4"), "w") as file:
        stream = file.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, time in enumerate(shown):
            frame = av.VideoFrame.from_ndarray(scene(10 * number), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    found = pictures(tmp_path / "a.mp4")
    assert np.allclose([picture.time for picture in found], np.array(shown) / 1000, atol=2e-3)


class FakeCamera:
    """Ten frames, then a cable is drawn."""

    def __init__(self, number: int) -> None:
        self.left = 10 if number == 0 else 0

    def isOpened(self) -> bool:
        return self.left > 0

    def grab(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def retrieve(self) -> tuple[bool, np.ndarray]:
        return True, scene(20)

    def set(self, *setting: object) -> None: ...

    def release(self) -> None: ...


def test_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCamera)
    found = pictures("camera:0")
    assert [picture.frame for picture in found] == list(range(10))
    assert {picture.file for picture in found} == {"camera:0"}
    times = [picture.time or 0.0 for picture in found]
    assert times == sorted(times)
    with pytest.raises(UserError, match="camera:7: no such camera"):
        pictures("camera:7")
