"""Faces: alignment in closed form, what the finder makes of detectors, preparation that streams and resumes."""

import csv
import json
import os
import threading
import unicodedata
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import jaxtyping
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.load import Listing
from gcnet_core.data.manifest import MANIFEST, PREPARATION, write_manifest
from gcnet_core.faces.align import align, outside, to_crop
from gcnet_core.faces.config import read_preparation, saved_preparation
from gcnet_core.faces.crop_files import crop_files
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.manifest import crop_samples
from gcnet_core.faces.prepare import PREFETCH, RECORDS, prepare_faces
from gcnet_core.faces.record import from_csv
from gcnet_core.faces.rotation import turn
from gcnet_core.interfaces import Face
from gcnet_core.plugin_api import Registry, Sample, UserError
from gcnet_core.recipe import RecipeError
from gcnet_core.report.contact_sheet import write_sheet
from tests.runs import gcnet

EYES = st.tuples(*[st.floats(50, 250)] * 2, st.floats(20, 90), st.floats(-180, 180))


def config(registry: Registry, *texts: str) -> Any:
    return read_preparation(["detector.type=none", *texts], registry)


@given(eyes=EYES, margin=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_the_eyes_come_to_their_places(registry: Registry, eyes: tuple[float, ...], margin: float) -> None:
    x, y, distance, degrees = eyes
    step = distance / 2 * np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    centre = np.array([x, y])
    right, left = centre - step, centre + step
    face = Face((0.0, 0.0, 1.0, 1.0), 1.0, ((float(right[0]), float(right[1])), (float(left[0]), float(left[1]))))
    preparation = config(registry, "size=100", f"margin={margin}", "eye_distance=0.4", "eye_height=0.3")
    moved = [to_crop(face, preparation) @ (*eye, 1) + 0.5 for eye in (right, left)]
    whole = 1 + 2 * margin
    height = 100 * (0.3 + margin) / whole
    assert np.allclose(moved, [(50 - 20 / whole, height), (50 + 20 / whole, height)])
    assert abs((face.turn - degrees + 180) % 360 - 180) < 1e-6


def dotted(points: list[tuple[int, int]], shape: tuple[int, int] = (300, 300)) -> np.ndarray:
    picture = np.zeros((*shape, 1), dtype=np.uint8)
    for x, y in points:
        cv2.circle(picture, (x, y), 6, 255, -1)
    return picture


def test_pixels_move_as_the_map_says(registry: Registry) -> None:
    face = Face((60.0, 60.0, 150.0, 150.0), 1.0, ((100.0, 180.0), (180.0, 120.0)))
    preparation = config(registry, "size=64", "eye_distance=0.5", "eye_height=0.25")
    for eye, place in (((100, 180), 16), ((180, 120), 48)):
        crop = align(dotted([eye]), face, preparation)
        assert crop.shape == (64, 64, 1)
        mass = crop[:, :, 0].astype(float)
        rows, columns = np.indices(mass.shape)
        found = np.array([(mass * columns).sum(), (mass * rows).sum()]) / mass.sum() + 0.5
        assert np.allclose(found, (place, 16), atol=0.3)


def test_a_box_is_cut_out_square_and_centred(registry: Registry) -> None:
    picture = np.arange(100 * 100, dtype=np.uint32).reshape(100, 100, 1) % 251
    picture = picture.astype(np.uint8)
    face = Face((30.0, 40.0, 32.0, 32.0), 1.0)
    assert np.array_equal(align(picture, face, config(registry, "size=32")), picture[40:72, 30:62])
    wide = align(picture, face, config(registry, "size=64", "margin=0.5"))
    assert np.array_equal(wide, picture[24:88, 14:78])
    oblong = Face((30.0, 44.0, 32.0, 24.0), 1.0)
    assert np.array_equal(align(picture, oblong, config(registry, "size=32")), picture[40:72, 30:62])


def test_how_much_lies_outside(registry: Registry) -> None:
    preparation = config(registry, "size=32")
    assert outside(Face((0.0, 0.0, 50.0, 50.0), 1.0), preparation, (50, 50, 1)) == 0
    half = outside(Face((-25.0, 0.0, 50.0, 50.0), 1.0), preparation, (50, 50, 1))
    assert half == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("degrees", [0.0, 37.0, 90.0, -120.0, 180.0])
def test_turning_there_and_back(degrees: float) -> None:
    turned, back = turn(dotted([(60, 220)]), degrees)
    rows, columns = np.nonzero(turned[:, :, 0] > 128)
    assert np.allclose(back @ (columns.mean(), rows.mean(), 1), (60, 220), atol=0.2)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turning_is_counter_clockwise(quarters: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (30, 50, 1), dtype=np.uint8)
    assert np.array_equal(turn(picture, 90.0 * quarters)[0], np.rot90(picture, quarters))


class Painted:
    """A detector of white squares, whose eyes are grey dots; it sees only faces that stand upright."""

    code = """
import numpy as np
from gcnet_core.interfaces import Detector, Face
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, hookimpl

class PaintedConfig(DetectorConfig):
    pass

class Painted(Detector):
    version = "painted 1"
    def detect(self, pixels, name=""):
        faces = []
        for level, score in ((250, 10.0), (200, 9.0), (150, 1.0)):
            rows, columns = np.nonzero((pixels[:, :, 0] > level - 5) & (pixels[:, :, 0] < level + 5))
            if len(rows) > 50:
                x, y, w, h = (float(v) for v in (columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1))
                dark = pixels[int(y + h * 0.3), int(x + w * 0.3), 0] < 100
                eyes = ((x + w * 0.3, y + h * 0.3), (x + w * 0.7, y + h * 0.3)) if dark else None
                faces.append(Face((x, y, w, h), score if eyes else score / 2, eyes))
        return faces

@hookimpl
def gcnet_components():
    return [ComponentSpec("detector", "painted", PaintedConfig, "painted:Painted", "white squares")]
"""


@pytest.fixture(scope="module")
def painted(registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> tuple[Registry, Path]:
    from gcnet_core.plugin_api import discover

    path = tmp_path_factory.mktemp("plugin") / "painted.py"
    path.write_text(Painted.code)
    return discover([str(path)]), path


def square(level: int = 250, left: int = 100, side: int = 80, shape: tuple[int, int] = (200, 400)) -> np.ndarray:
    picture = np.zeros((*shape, 1), dtype=np.uint8)
    picture[60 : 60 + side, left : left + side] = level
    for share in (0.3, 0.7):
        cv2.circle(picture, (int(left + share * side), int(60 + 0.3 * side)), 4, 50, -1)
    return picture


def make_finder(painted: tuple[Registry, Path], *texts: str) -> FaceFinder:
    return FaceFinder(read_preparation(["detector.type=painted", "size=32", *texts], painted[0]), painted[0])


def test_several_faces(painted: tuple[Registry, Path]) -> None:
    picture = square() + square(200, left=220, side=120)
    for several, taken in (("largest", [120.0]), ("all", [120.0, 80.0]), ("skip", [])):
        found = make_finder(painted, f"several={several}").find(picture)
        assert found.faces == 2
        assert [crop.face.box[2] for crop in found.crops] == taken


def test_a_face_of_which_the_detector_is_far_less_sure_does_not_count(painted: tuple[Registry, Path]) -> None:
    picture = square() + square(150, left=220, side=120)
    assert make_finder(painted).find(picture).faces == 1
    assert make_finder(painted).find(square(150)).faces == 1


def test_a_face_on_its_side_is_found_in_a_turned_picture(painted: tuple[Registry, Path]) -> None:
    picture = np.ascontiguousarray(np.rot90(square(), k=-1))  # clockwise
    assert make_finder(painted).find(picture).crops[0].face.eyes is None  # dark is sought at the upper left
    (crop,) = make_finder(painted, "detector.rotations=[90]", "detector.min_confidence=20").find(picture).crops
    assert crop.face.turn == pytest.approx(90, abs=1)
    upright = make_finder(painted).find(square()).crops[0]
    assert np.abs(crop.pixels.astype(int) - upright.pixels).mean() < 4  # shrinking sees other pixels of a turned part


def test_an_upright_face_with_both_eyes_gives_way_only_to_a_sure_one(painted: tuple[Registry, Path]) -> None:
    surer = np.ascontiguousarray(np.rot90(square(side=60, shape=(200, 200)), k=-1))  # on its side
    picture = np.hstack([square(200, left=20, shape=(200, 200)), surer])
    for sure, degrees in ((20, 0), (9.95, 90)):
        settings = ("detector.rotations=[90]", f"detector.min_confidence={sure}", "detector.rotation_margin=1")
        face = make_finder(painted, *settings).find(picture).crops[0].face
        assert face.turn == pytest.approx(degrees, abs=1)


def test_settings_that_are_wrong_are_told_together(registry: Registry) -> None:
    with pytest.raises(RecipeError) as error:
        read_preparation(["detector.type=hair", "siez=3", "margin=-1"], registry)
    text = str(error.value)
    assert "did you mean haar?" in text
    assert "unknown key siez; did you mean size?" in text
    assert "at least 0" in text
    with pytest.raises(RecipeError, match=r"--set detector.type=onnx: the key file is missing"):
        read_preparation(["detector.type=onnx"], registry)


def test_saved_settings_find_the_same_faces(painted: tuple[Registry, Path]) -> None:
    finder = make_finder(painted, "margin=0.25")
    saved = json.loads(json.dumps(finder.settings))
    again = FaceFinder(saved_preparation(saved, painted[0], "model.json"), painted[0])
    assert again.settings == finder.settings
    assert np.array_equal(again.find(square()).crops[0].pixels, finder.find(square()).crops[0].pixels)
    with pytest.raises(UserError, match=r"model\.json: the faces cannot be cut out as these were: unknown detector"):
        saved_preparation({**saved, "detector": {"type": "gone"}}, painted[0], "model.json")


class Pictures:
    """A listing of pictures in memory, which counts how often each is read."""

    def __init__(self, pictures: dict[str, np.ndarray], samples: list[Sample]) -> None:
        self.pictures, self.count = pictures, 0
        self.listing = Listing(tuple(samples), self.read)

    def read(self, name: str) -> np.ndarray:
        self.count += 1
        if name not in self.pictures:
            raise UserError(f"{name}: not an image, or damaged")
        return self.pictures[name]


@pytest.fixture
def people() -> Pictures:
    samples = [
        Sample("a/1.png", "p1", "anger", "a/0.png", "s1", "even", 3, "train", 0.5, (("anger", 7), ("fear", 3))),
        Sample("a/0.png", "p1", "neutral", "a/0.png"),
        Sample("b.png", None, "fear", "gone.png"),
        Sample("dark.png", "p2", "fear"),
    ]
    pictures = {"a/0.png": square(), "a/1.png": square(left=200), "b.png": square(), "dark.png": square(level=0)}
    return Pictures(pictures, samples)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_manifest_with_labels_and_references(
    painted: tuple[Registry, Path], people: Pictures, tmp_path: Path
) -> None:
    records = prepare_faces(people.listing, tmp_path / "out", make_finder(painted))
    assert [(entry.image, entry.remarks) for entry in records] == [
        ("a/0.png", ""),
        ("a/1.png", ""),
        ("b.png", ""),
        ("dark.png", "no_face"),
        ("gone.png", "unreadable"),
    ]
    assert records[4].reason == "gone.png: not an image, or damaged"
    assert from_csv(tmp_path / "out" / RECORDS) == records
    assert write_manifest(tmp_path / "out" / MANIFEST, crop_samples(people.listing.samples, records)) == 3
    first, _, third = rows(tmp_path / "out" / MANIFEST)
    assert first == {
        "image": "images/a/1.png", "subject": "p1", "expression": "anger", "reference": "images/a/0.png",
        "session": "s1", "lighting": "even", "fold": "3", "part": "train", "intensity": "0.5",
        "votes": "anger=7;fear=3",
    }  # fmt: skip
    assert third["reference"] == ""
    part = painted[0].part("dataset", "manifest", {"folder": str(tmp_path / "out")}).config
    read = part.samples()[0]
    assert (read.subject, read.usage, read.votes) == ("p1", "train", (("anger", 7.0), ("fear", 3.0)))
    assert part.preparation() == make_finder(painted).settings
    page = write_sheet(tmp_path / "out", "people", records, people.listing, make_finder(painted).settings)
    text = page.read_text()
    assert "detector_version" in text
    assert text.count("<img") == 1 + 3 + 1  # mean, crops, the picture without a face


def test_it_goes_on_where_it_stopped(
    painted: tuple[Registry, Path], people: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, finder = tmp_path / "out", make_finder(painted)
    whole = prepare_faces(people.listing, out, finder)
    text = (out / RECORDS).read_text()
    lines = text.splitlines(keepends=True)
    (out / RECORDS).write_text("".join(lines[:3]) + lines[3][:9])  # killed while it wrote the third picture
    sought: list[str] = []
    monkeypatch.setattr(
        finder, "find", lambda pixels, name: sought.append(name) or FaceFinder.find(finder, pixels, name)
    )
    assert prepare_faces(people.listing, out, finder) == whole
    assert (out / RECORDS).read_text() == text
    assert sorted(sought) == ["a/1.png", "b.png", "dark.png"]  # the rows of the last whole one may be incomplete
    (out / "images/a/0.png").unlink()
    sought.clear()
    assert prepare_faces(people.listing, out, finder) == whole
    assert (out / "images/a/0.png").is_file()
    assert sought == ["a/0.png"]


def test_a_changed_picture_is_cut_out_again_and_the_crop_of_one_that_is_gone_goes(
    painted: tuple[Registry, Path], people: Pictures, tmp_path: Path
) -> None:
    out, finder = tmp_path / "out", make_finder(painted)
    before = prepare_faces(people.listing, out, finder)
    crop = (out / "images/b.png").read_bytes()
    people.pictures["b.png"] = square(shape=(190, 380), side=60)
    changed = prepare_faces(people.listing, out, finder)
    assert (out / "images/b.png").read_bytes() != crop
    assert [entry.content == earlier.content for entry, earlier in zip(changed, before, strict=True)] == [
        True, True, False, True, True,
    ]  # fmt: skip
    people.pictures["b.png"] = np.repeat(people.pictures["b.png"], 3, axis=2)  # no grey level is another
    coloured = prepare_faces(people.listing, out, finder)
    assert [entry.content == earlier.content for entry, earlier in zip(coloured, changed, strict=True)] == [
        True, True, False, True, True,
    ]  # fmt: skip
    fewer = Listing(people.listing.samples[:2], people.listing.read)
    prepare_faces(fewer, out, finder)
    assert sorted(path.name for path in (out / "images").rglob("*.png")) == ["0.png", "1.png"]
    assert len(from_csv(out / RECORDS)) == 2


def test_a_folder_of_something_else_is_left_alone(
    painted: tuple[Registry, Path], people: Pictures, tmp_path: Path
) -> None:
    prepare_faces(people.listing, tmp_path / "out", make_finder(painted))
    with pytest.raises(UserError, match="was begun with other settings"):
        prepare_faces(people.listing, tmp_path / "out", make_finder(painted, "margin=0.1"))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("mine")
    with pytest.raises(UserError, match="already holds something else"):
        prepare_faces(people.listing, tmp_path / "other", make_finder(painted))
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 1000), (1000, 1), (12, 3000)])
def test_pictures_in_which_no_face_can_be_stop_nothing(
    painted: tuple[Registry, Path], shape: tuple[int, int], tmp_path: Path
) -> None:
    people = Pictures({"thin.png": np.full((*shape, 3), 250, np.uint8)}, [Sample("thin.png", None, "")])
    finder = make_finder(painted)
    records = prepare_faces(people.listing, tmp_path / "out", finder)
    assert [entry.remarks for entry in records] == ["no_face"]
    write_sheet(tmp_path / "out", "thin", records, people.listing, finder.settings)


def test_only_a_few_pictures_are_in_hand(painted: tuple[Registry, Path], tmp_path: Path) -> None:
    names = [f"{number:03}.png" for number in range(100)]
    blocked, read = threading.Event(), []

    def one(name: str) -> np.ndarray:
        read.append(name)
        if name == names[0]:
            assert blocked.wait(60)
        return square()

    listing = Listing(tuple(Sample(name, None, "") for name in names), one)
    worker = threading.Thread(target=prepare_faces, args=(listing, tmp_path / "out", make_finder(painted), 2))
    worker.start()
    while len(read) < 2 * PREFETCH:  # the other worker goes on, but not far
        worker.join(0.01)
    worker.join(0.2)
    assert len(read) == 2 * PREFETCH
    blocked.set()
    worker.join()
    assert sorted(read) == names


def test_files_of_crops_are_distinct() -> None:
    names = ["a.jpg", "a.png", "b c.jpg", "b_c.jpg", "v.avi#frame=3", "v.avi#frame=4", "B.png", "b.jpg"]
    files = crop_files(names)
    assert len({file.lower() for file in files.values()}) == len(names)
    assert crop_files(["x/y.jpg"]) == {"x/y.jpg": "images/x/y.png"}


def test_files_of_crops_are_short_and_stay_in_their_folder() -> None:
    long = ["a" * 251 + ".jpg", "a" * 250 + "b.jpg", "\u5b57" * 83 + ".png"]
    crops = crop_files(long)
    assert len(set(crops.values())) == 3
    assert all(len(os.fsencode(PurePosixPath(crop).name)) < 220 for crop in crops.values())
    assert crop_files(["../../up.png", "/etc/a.png"]) == {
        "../../up.png": "images/__/__/up.png",
        "/etc/a.png": "images/etc/a.png",
    }
    accents = crop_files(["e\u0301.jpg", "\u00e9.jpg", "a.jpg", "a-face2.jpg"])
    assert len({unicodedata.normalize("NFC", crop) for crop in accents.values()}) == 4
    assert "images/a-face2.png" not in accents.values()  # so is the second face of a.jpg called


def test_the_command(painted: tuple[Registry, Path], tmp_path: Path) -> None:
    photographs = tmp_path / "in"
    photographs.mkdir()
    cv2.imwrite(str(photographs / "one.png"), square())
    cv2.imwrite(str(photographs / "none.png"), square(level=0))
    chosen = ("--detector", "painted", "--plugin", painted[1])
    answer = gcnet("data", "prepare", photographs, tmp_path / "out", *chosen, "--json", "--set", "size=48")
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert (told["faces"], told["remarks"]) == (1, {"no_face": ["none.png"]})
    assert told["settings"]["size"] == 48
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "images", PREPARATION, RECORDS, MANIFEST, "contact_sheet.html",
    }  # fmt: skip
    assert cv2.imread(str(tmp_path / "out/images/one.png")).shape == (48, 48, 3)
    (photographs / "one.png").unlink()
    assert gcnet("data", "prepare", photographs, tmp_path / "none", *chosen).returncode == 1
    wrong = gcnet("data", "prepare", tmp_path / "nowhere", tmp_path / "out2", *chosen)
    assert wrong.returncode == 2
    assert wrong.stderr.strip() == f"{tmp_path / 'nowhere'}: no such folder, picture, archive or recipe"
    assert not (tmp_path / "out2").exists()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("None", "detect returned None; expected a list of Face"),
        ("[(1, 2, 3, 4)]", "detect returned (1, 2, 3, 4); expected a Face with finite numbers"),
        ("[Face((0, 0, float('nan'), 9), 1.0)]", "expected a Face with finite numbers"),
    ],
)
def test_a_detector_that_returns_something_else_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, said: str
) -> None:
    from gcnet_core.plugin_api import PluginError, discover

    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # as for a user
    name = f"strange_detector_{abs(hash(answer))}"
    code = Painted.code.replace("painted:Painted", f"{name}:Painted").replace("return faces", f"return {answer}")
    (tmp_path / f"{name}.py").write_text(code)
    finder = make_finder((discover([str(tmp_path / f"{name}.py")]), tmp_path))
    with pytest.raises(PluginError) as told:
        finder.find(square())
    assert "the detector painted of " in str(told.value)
    assert said in str(told.value)
