"""`gcnet predict` as a user calls it: every picture is a row, whatever it is, and nothing is lost."""

import csv
import io
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.cli.predict_table import ResultTable
from gcnet_core.inference import rows
from gcnet_core.inference.results import FaceResult
from tests.inference.conftest import CLASSES, json_lines, scene, write_scene, write_video
from tests.inference.test_sources import FakeCamera
from tests.runs import gcnet, gcnet_process

SECOND, LAST = 1, -1


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """Two faces, none, and no picture."""
    write_scene(tmp_path / "album" / "a two.png", 20, 100)
    write_scene(tmp_path / "album" / "b none.png")
    (tmp_path / "album" / "-c\nbroken.jpg").write_bytes(b"no picture")
    return tmp_path / "album"


def find(squares: Path) -> tuple[str, ...]:
    return ("--plugin", str(squares), "--detector", "squares", "--workers", "1")


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_each_face_and_each_failure_is_a_row(model: Path, squares: Path, album: Path) -> None:
    answer = gcnet("predict", model, album, *find(squares))
    assert answer.returncode == 0, answer.stderr
    broken, left, right, none = rows_of(answer.stdout)
    assert "damaged" in broken["reason"]
    assert none["reason"] == "no face found"
    assert [left["face"], right["face"]] == ["1", "2"]
    assert float(left["x"]) == 20
    assert float(right["right_eye_x"]) > 100
    shares = [float(value) for key, value in left.items() if key.lstrip("'") in CLASSES]
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert answer.stderr.splitlines()[LAST].startswith("3 pictures, 2 faces, 1 without a face, 1 unreadable, ")


def test_no_text_becomes_a_formula_and_names_survive(model: Path, squares: Path, album: Path) -> None:
    answer = gcnet("predict", model, album, *find(squares), folder=album)
    assert "'=1+1" in answer.stdout.splitlines()[0].split(",")
    answer = gcnet("predict", model, "-c\nbroken.jpg", *find(squares), "--", "-c\nbroken.jpg", folder=album)
    assert answer.returncode == 2  # a word that begins with a dash is an option before `--`
    answer = gcnet("predict", "--model", model, *find(squares), "--", "-c\nbroken.jpg", folder=album)
    assert rows_of(answer.stdout)[0]["file"] == "'-c\nbroken.jpg"
    assert answer.returncode == 1


def test_files_of_every_format_say_the_same(model: Path, squares: Path, album: Path, tmp_path: Path) -> None:
    for suffix in ("csv", "json", "jsonl"):
        answer = gcnet("predict", model, album, *find(squares), "--output", tmp_path / f"out.{suffix}")
        assert (answer.returncode, answer.stdout) == (0, ""), answer.stderr
    whole = json.loads((tmp_path / "out.json").read_text())
    lines = json_lines((tmp_path / "out.jsonl").read_text())
    table = rows_of((tmp_path / "out.csv").read_text())
    assert whole["rows"] == lines
    assert [row["reason"] for row in table] == [row["reason"] for row in lines]
    assert [row["x"] for row in table] == ["" if row["x"] is None else str(row["x"]) for row in lines]
    assert (whole["pictures"], whole["faces"], whole["none"], whole["unreadable"]) == (3, 2, 1, 1)
    assert whole["classes"] == list(CLASSES)
    assert whole["preparation"]["detector"]["type"] == "squares"
    assert {"model", "temperature", "version", "seconds"} <= set(whole)
    assert not list(tmp_path.glob(".*"))


def test_standard_output_as_json(model: Path, squares: Path, album: Path, tmp_path: Path) -> None:
    whole = json.loads(gcnet("predict", model, album, *find(squares), "--json").stdout)
    assert len(whole["rows"]) == 4
    lines = gcnet("predict", model, album, *find(squares), "--format", "jsonl").stdout
    assert json_lines(lines) == whole["rows"]
    out = tmp_path / "o.csv"
    counts = json.loads(gcnet("predict", model, album, *find(squares), "--output", out, "--json").stdout)
    assert (counts["faces"], counts["output"]) == (2, str(out))
    table = gcnet("predict", model, album, *find(squares), "--format", "table")
    assert "no face found" in table.stdout


def test_an_existing_file_is_kept_without_force(model: Path, squares: Path, album: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    output.write_text("mine")
    answer = gcnet("predict", model, album, *find(squares), "--output", output)
    assert (answer.returncode, output.read_text()) == (2, "mine")
    assert "--force" in answer.stderr
    assert gcnet("predict", model, album, *find(squares), "--output", output, "--force").returncode == 0
    assert len(rows_of(output.read_text())) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("missing.jpg",), "missing.jpg: no such file"),
        ((".",), "no picture and no video"),
        (("a.png", "--output", "a.txt"), "expected a name that ends in .csv"),
        (("a.png", "--output", "a.csv", "--format", "json"), "its name says csv, --format says json"),
        (("a.png", "--overlay", "."), "already holds something"),
        (("a.png", "--detector", "sqares"), "sqares"),
        ((), "name pictures too"),
    ],
)
def test_bad_input_is_told_before_any_work(words: tuple[str, ...], told: str, model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    if "a.png" in words:
        write_scene(folder / "a.png", 20)
    answer = gcnet("predict", model, *words, folder=folder)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert not answer.stdout
    assert {path.name for path in folder.iterdir()} <= {"a.png"}


def test_an_unfinished_run_is_no_folder_of_pictures(tmp_path: Path) -> None:
    write_scene(tmp_path / "run" / "figures" / "a.png", 20)
    (tmp_path / "run" / "recipe.yaml").touch()
    answer = gcnet("predict", tmp_path / "run", tmp_path / "run" / "figures" / "a.png")
    assert answer.returncode == 2
    assert "no trained model here" in answer.stderr


def test_nothing_found_is_exit_code_1(model: Path, squares: Path, tmp_path: Path) -> None:
    answer = gcnet("predict", model, write_scene(tmp_path / "a.png"), *find(squares))
    assert answer.returncode == 1
    assert rows_of(answer.stdout)[0]["reason"] == "no face found"


def test_prepared_faces_need_no_detector(model: Path, tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "a.png"), np.full((32, 32), 100, dtype=np.uint8))
    answer = gcnet("predict", model, tmp_path / "a.png", "--faces", "prepared", "--json")
    whole = json.loads(answer.stdout)
    assert (whole["preparation"], whole["rows"][0]["face"], whole["rows"][0]["x"]) == (None, 1, None)


def test_workers_and_batches_change_nothing(model: Path, squares: Path, tmp_path: Path) -> None:
    for number in range(9):
        write_scene(tmp_path / f"{number}.png", *range(4, 40 * (number % 4), 36))
    plugin = ("--plugin", squares, "--detector", "squares")
    one = gcnet("predict", model, tmp_path, *plugin, "--workers", 1, "--batch-size", 1, "--format", "jsonl")
    other = gcnet("predict", model, tmp_path, *plugin, "--workers", 3, "--batch-size", 5, "--format", "jsonl")
    for row, same in zip(json_lines(one.stdout), json_lines(other.stdout), strict=True):
        assert {key: value for key, value in row.items() if key not in CLASSES} == {
            key: value for key, value in same.items() if key not in CLASSES
        }
        assert all(row[name] == pytest.approx(same[name], abs=1e-5) for name in CLASSES if row["face"])


def test_the_same_face_of_a_video_keeps_its_number(model: Path, squares: Path, tmp_path: Path) -> None:
    frames = [scene(100), scene(96), scene(8, 92), scene(12, 88), scene(16)]
    video = write_video(tmp_path / "a.mp4", frames)
    answer = gcnet("predict", model, video, *find(squares), "--format", "jsonl", "--overlay", tmp_path / "drawn")
    found = json_lines(answer.stdout)
    assert [(row["frame"], row["face"]) for row in found] == [(0, 1), (1, 1), (2, 2), (2, 1), (3, 2), (3, 1), (4, 2)]
    assert [row["time"] for row in found] == pytest.approx([0, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4], abs=2e-3)
    drawn = cv2.VideoCapture(str(tmp_path / "drawn" / "a.mp4"))
    assert (drawn.get(cv2.CAP_PROP_FRAME_COUNT), drawn.get(cv2.CAP_PROP_FPS)) == (5, 10)


def test_drawings_with_the_neutral_face(with_generator: Path, squares: Path, album: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "drawn"
    answer = gcnet("predict", with_generator, album, *find(squares), "--overlay", drawn, "--format", "jsonl")
    assert answer.returncode == 0, answer.stderr
    assert sorted(path.name for path in drawn.iterdir()) == ["a_two.jpg", "b_none.jpg"]
    assert all(isinstance(row["distance"], float) for row in json_lines(answer.stdout) if row["face"])
    # called again, the drawings are no new pictures
    again = gcnet("predict", with_generator, tmp_path, *find(squares), "--overlay", drawn, "--force", "--json")
    assert json.loads(again.stdout)["pictures"] == 3


def test_ctrl_c_keeps_what_was_written(
    model: Path, squares: Path, album: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = rows.JsonWriter.write, []

    def stop_at_second(writer: rows.JsonWriter, faces: list[FaceResult]) -> None:
        if len(written) == SECOND:
            raise KeyboardInterrupt
        written.append(faces)
        write(writer, faces)

    monkeypatch.setattr(rows.JsonWriter, "write", stop_at_second)
    answer = gcnet("predict", model, album, *find(squares), "--output", tmp_path / "out.json")
    assert answer.returncode == 130
    assert answer.stderr.splitlines()[LAST].startswith("stopped: 1 picture, ")
    whole = json.loads((tmp_path / "out.json").read_text())
    assert (whole["pictures"], len(whole["rows"])) == (1, 1)


def test_rows_come_while_the_rest_is_still_looked_at(
    model: Path, squares: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory does not grow with a video: rows of the first frames are on the disk before the last frame is read."""
    video = write_video(tmp_path / "a.mp4", [scene(20)] * 40)
    sizes: list[int] = []
    write = rows.JsonLinesWriter.write

    def look(writer: rows.JsonLinesWriter, faces: list[FaceResult]) -> None:
        sizes.extend(path.stat().st_size for path in tmp_path.glob(".gcnet-*.part"))
        write(writer, faces)

    monkeypatch.setattr(rows.JsonLinesWriter, "write", look)
    words = ("--output", tmp_path / "out.jsonl", "--batch-size", 4)
    assert gcnet("predict", model, video, *find(squares), *words).returncode == 0
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 5


def test_names_that_are_no_text(model: Path, tmp_path: Path) -> None:
    odd = write_scene(tmp_path / "in" / "a.png").rename(os.fsdecode(os.fsencode(tmp_path / "in") + b"/\xff.png"))
    for suffix in ("csv", "json", "jsonl"):
        words = ("predict", model, tmp_path / "in", "--faces", "prepared", "--output", tmp_path / f"out.{suffix}")
        assert gcnet(*words).returncode == 0
    assert json.loads((tmp_path / "out.json").read_text())["rows"][0]["file"] == str(odd)
    table = gcnet("predict", model, "in", "--faces", "prepared", "--format", "table", folder=tmp_path)
    assert "\\xff.png" in table.stdout


def test_before_a_camera_each_row_comes_at_once_and_ctrl_c_is_the_usual_end(
    model: Path, squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(FakeCamera):
        def grab(self) -> bool:
            if self.left == 7:
                raise KeyboardInterrupt
            return super().grab()

    for camera, frames in ((FakeCamera, 10), (Stopped, 3)):
        monkeypatch.setattr(cv2, "VideoCapture", camera)
        answer = gcnet("predict", model, "camera:0", *find(squares), "--format", "table")
        assert answer.returncode == 0, answer.stderr
        assert answer.stderr.splitlines()[LAST].startswith(f"{frames} pictures, {frames} faces")
        assert len(answer.stdout.splitlines()) == frames
    assert gcnet("predict", model, "camera:1", *find(squares)).returncode == 2


def test_the_table_shows_the_first_rows_and_counts_the_rest() -> None:
    text = io.StringIO()
    table = ResultTable(text, live=False)
    table.add([FaceResult("[red]\n.png", number=1, probabilities={"[/]": 0.9, "calm": 0.1})])
    table.add([FaceResult("b.png", reason="no face found")] * 60)
    table.end()
    assert "[red]" in text.getvalue()
    assert "[/]" in text.getvalue()
    assert "and 21 more" in text.getvalue()


def test_a_plain_model_loads_nothing_that_it_does_not_need(model: Path, tmp_path: Path) -> None:
    path = write_scene(tmp_path / "a.png", 20)
    heavy = ("timm", "diffusers", "matplotlib", "sklearn", "skimage", "pandas", "torchvision")
    program = (
        "import sys; from gcnet_core.cli import app; "
        f"app(['predict', {str(model)!r}, {str(path)!r}, '--faces', 'prepared'], standalone_mode=False); "
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    answer = gcnet_process(start=[sys.executable, "-c", program])
    assert answer.stderr.splitlines()[LAST] == "[]", answer.stderr
