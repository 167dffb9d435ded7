"""Face detectors: each keeps the contract, and finds what is there."""

import sys
import types
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import skimage.data
from gcnet_detectors.blazeface import halves
from gcnet_detectors.blazeface_answers import decode

from gcnet_core.faces.config import read_preparation
from gcnet_core.faces.finder import FaceFinder
from gcnet_core.faces.photographs import list_photographs
from gcnet_core.faces.rotation import turn
from gcnet_core.interfaces import Detector, Face
from gcnet_core.plugin_api import Registry, UserError, discover
from gcnet_core.testing import Case, checks_of, run_checks
from tests.plugins.detector_files import LANDMARKS, centerface_file, yunet_file
from tests.plugins.faces import make_context, make_part

ASTRONAUT_EYES = ((204.0, 102.0), (247.0, 104.0))
"""Eileen Collins in scikit-image's portrait (NASA, public domain), as read off the picture."""


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return np.asarray(skimage.data.astronaut())


def build(registry: Registry, name: str, **options: Any) -> Detector:
    detector: Detector = make_part(make_context(registry), "detector", name, **options)
    return detector


def finder(registry: Registry, *settings: str) -> FaceFinder:
    return FaceFinder(read_preparation(settings, registry), registry)


@pytest.fixture
def options(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Of every detector, so that it can be built here."""
    monkeypatch.setitem(sys.modules, "mediapipe", fake_mediapipe([]))
    (tmp_path / "boxes.csv").write_text("image,x,y,width,height\npicture.png,3,4,10,12\n")
    file = centerface_file(tmp_path / "centerface.onnx", 40)
    return {"boxes": {"file": str(tmp_path / "boxes.csv")}, "onnx": {"file": str(file)}}


def test_every_detector_keeps_the_contract(registry: Registry, options: dict[str, dict[str, Any]]) -> None:
    assert {"none", "blazeface", "haar", "mediapipe", "onnx", "boxes"} <= set(registry.names("detector"))
    for name in registry.names("detector"):
        if registry.parts["detector", name].distribution == "gcnet":
            faults = [
                f"{name}: {result.check}: {result.fault}"
                for result in run_checks(Case("detector", name, options.get(name, {}), registry))
                if result.fault
            ]
            assert not faults
    assert len(checks_of("detector")) >= 19


def near(face: Face, eyes: Any, share: float = 0.25) -> bool:
    """Whether both eyes are right, up to a share of their distance."""
    assert face.eyes is not None
    truth = np.array(eyes)
    distance = float(np.linalg.norm(truth[1] - truth[0]))
    return bool((np.linalg.norm(np.array(face.eyes) - truth, axis=1) < share * distance).all())


@pytest.mark.parametrize("name", ["blazeface", "haar"])
@pytest.mark.parametrize("degrees", [0.0, 15.0, 90.0, -135.0, 180.0])
def test_eyes_are_found_whichever_way_up(registry: Registry, astronaut: np.ndarray, name: str, degrees: float) -> None:
    turned, back = turn(astronaut, degrees)
    there = cv2.invertAffineTransform(back)
    (face,) = finder(registry, f"detector.type={name}").faces(turned)
    assert near(face, [there @ (*eye, 1) for eye in ASTRONAUT_EYES])
    assert face.sees_eyes


@pytest.mark.parametrize("name", ["blazeface", "haar"])
def test_grey_small_and_large_pictures(registry: Registry, astronaut: np.ndarray, name: str) -> None:
    detector = build(registry, name)
    head = astronaut[10:210, 125:325]
    for side, scale in ((48, 48 / 200), (800, 4.0)):
        grey = cv2.cvtColor(cv2.resize(head, (side, side), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        (face,) = detector.detect(grey[:, :, None])
        assert near(face, [((x - 125) * scale, (y - 10) * scale) for x, y in ASTRONAUT_EYES])


@pytest.mark.parametrize("name", ["blazeface", "haar"])
def test_no_face_where_none_is(registry: Registry, name: str) -> None:
    chosen = finder(registry, f"detector.type={name}")
    assert chosen.faces(np.full((120, 90, 3), 128, dtype=np.uint8)) == []
    assert chosen.faces(np.random.default_rng(1).integers(0, 256, (150, 150, 1), dtype=np.uint8)) == []


def test_answers_of_blazeface_in_closed_form() -> None:
    logits, answers = np.full(896, -9.0), np.zeros((896, 16))
    place = 2 * (16 * 5 + 3)  # the sixth row and the fourth column of the fine map: (3.5, 5.5) cells of 8 pixels
    logits[[place, place + 1]] = 2.0, np.log(3) + 2  # two answers for one face
    answers[[place, place + 1], :4] = (4, 0, 32, 64), (8, 0, 32, 64)
    answers[place, 4:8] = answers[place + 1, 4:8] = (-8, 2, 8, 2)
    scores = 1 / (1 + np.exp(-logits[[place, place + 1]]))
    ((score, places),) = decode(logits, answers, 0.5)
    assert score == pytest.approx(scores.max())
    assert 128 * places[0] == pytest.approx(28 + np.average([4, 8], weights=scores))
    assert np.allclose(128 * places[1:8], (44, 32, 64, 20, 46, 36, 46))
    assert decode(logits, answers, 0.99) == []


def test_blazeface_sees_a_mirror_image_where_it_is(registry: Registry, astronaut: np.ndarray) -> None:
    detector = build(registry, "blazeface")
    head = np.ascontiguousarray(astronaut[:250, 100:350])
    (face,), (mirrored,) = detector.detect(head), detector.detect(np.ascontiguousarray(head[:, ::-1]))
    assert face.eyes is not None
    assert mirrored.eyes is not None
    there, back = np.mean(face.eyes, axis=0), np.mean(mirrored.eyes, axis=0)
    assert (there[0] + back[0]) / 2 == pytest.approx((head.shape[1] - 1) / 2, abs=2)


def test_a_second_look_drops_what_is_no_face(registry: Registry) -> None:
    for picture in (skimage.data.coffee(), skimage.data.clock()[:, :, None], skimage.data.chelsea()):
        assert finder(registry, "detector.type=blazeface").faces(np.asarray(picture)) == []


def test_blazeface_looks_closer_for_small_faces(registry: Registry, astronaut: np.ndarray) -> None:
    head = cv2.resize(astronaut[10:210, 125:325], (128, 128), interpolation=cv2.INTER_AREA)
    places = [(100, 60), (700, 90), (420, 500)]
    group = np.full((800, 1024, 3), 90, dtype=np.uint8)  # faces of about 60 pixels
    for left, top in places:
        group[top : top + 128, left : left + 128] = head
    faces = sorted(build(registry, "blazeface").detect(group), key=lambda face: places_of(face, places))
    assert [places_of(face, places) for face in faces] == [0, 1, 2]


def places_of(face: Face, places: list[tuple[int, int]]) -> int:
    """Which of the pasted heads a face is."""
    eyes = [
        np.array([((x - 125) * 0.64 + left, (y - 10) * 0.64 + top) for x, y in ASTRONAUT_EYES]) for left, top in places
    ]
    return next((number for number, truth in enumerate(eyes) if near(face, truth)), -1)


def test_halves_cover_the_picture() -> None:
    for height, width in ((256, 256), (100, 256), (256, 191), (5, 1), (1, 1)):
        covered = np.zeros((height, width), dtype=int)
        for left, top, side in halves(height, width):
            covered[max(top, 0) : top + side, max(left, 0) : left + side] += 1
        assert covered.min() >= 1


def test_opencv_without_tflite_is_told(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2.dnn, "readNetFromTFLite")
    with pytest.raises(UserError, match="another detector, such as haar"):
        build(registry, "blazeface")


def test_opencv_without_cascades_is_told(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(UserError, match="opencv-python-headless<5"):
        build(registry, "haar")


@pytest.mark.data
@pytest.mark.parametrize(("folder", "count"), [("london", 12), ("ckplus_official", 32)])
@pytest.mark.parametrize("name", ["blazeface", "haar"])
def test_every_photograph_has_a_face(registry: Registry, faces: Path, name: str, folder: str, count: int) -> None:
    listing = list_photographs(faces / folder)
    chosen = finder(registry, f"detector.type={name}")
    found = [chosen.faces(listing.read(sample.image)) for sample in listing.samples]
    assert len(found) == count
    assert [len(entry) for entry in found] == [1] * count
    assert all(entry[0].sees_eyes for entry in found)


@pytest.mark.parametrize("kind", ["centerface", "centerface of fixed size", "yunet"])
def test_onnx_files_in_closed_form(registry: Registry, tmp_path: Path, kind: str) -> None:
    side = 40.0
    picture = np.zeros((192, 256, 3), dtype=np.uint8)
    if kind.startswith("centerface"):
        picture[80:84, 100:104] = 255  # one cell of 4 pixels
        fixed = kind != "centerface"  # as the published file is, though it takes any size
        file, centre = centerface_file(tmp_path / "model.onnx", side, fixed), (102.0, 82.0)
    else:
        picture[64:96, 96:128] = 255  # one cell of 32 pixels
        file, centre = yunet_file(tmp_path / "model.onnx", side, (192, 256)), (112.0, 80.0)
    detector = build(registry, "onnx", file=str(file))
    (face,) = detector.detect(picture)
    corner = np.array(centre) - side / 2
    assert face.box == pytest.approx((*corner, side, side), abs=0.01)
    assert face.score == pytest.approx(1.0, abs=0.01)
    expected = corner + side * np.array(LANDMARKS[:4]).reshape(2, 2)
    assert np.allclose(face.eyes, expected, atol=0.01)
    assert detector.version.startswith(f"{kind.split()[0]} model.onnx sha256 ")
    assert detector.detect(np.zeros((192, 256, 1), dtype=np.uint8)) == []


def test_centerface_at_a_size_that_is_no_multiple_of_32(registry: Registry, tmp_path: Path) -> None:
    picture = np.zeros((200, 200, 3), dtype=np.uint8)
    picture[90:110, 90:110] = 255
    faces = build(registry, "onnx", file=str(centerface_file(tmp_path / "model.onnx", 60)), overlap=0.1)
    (face,) = faces.detect(picture)
    assert face.box[0] + face.box[2] / 2 == pytest.approx(100, abs=8)
    assert face.box[1] + face.box[3] / 2 == pytest.approx(100, abs=8)


def test_wrong_onnx_files_are_told(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        build(registry, "onnx", file=str(tmp_path / "nothing.onnx"))
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(UserError, match=r"text\.onnx: not an ONNX model that onnxruntime can read"):
        build(registry, "onnx", file=str(tmp_path / "text.onnx"))


def fake_mediapipe(detections: list[Any]) -> Any:
    """The part of mediapipe 0.10.14 that is used."""
    model = types.SimpleNamespace(process=lambda pixels: types.SimpleNamespace(detections=detections))
    solution = types.SimpleNamespace(FaceDetection=lambda **options: model)
    package = types.ModuleType("mediapipe")
    package.__version__ = "0.10.14"  # type: ignore[attr-defined]
    package.solutions = types.SimpleNamespace(face_detection=solution)  # type: ignore[attr-defined]
    return package


def test_mediapipe_in_pixels(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    box = types.SimpleNamespace(xmin=0.25, ymin=0.5, width=0.5, height=0.25)
    points = [types.SimpleNamespace(x=0.3, y=0.55), types.SimpleNamespace(x=0.6, y=0.55)]
    place = types.SimpleNamespace(relative_bounding_box=box, relative_keypoints=points)
    detection = types.SimpleNamespace(location_data=place, score=[0.9])
    monkeypatch.setitem(sys.modules, "mediapipe", fake_mediapipe([detection]))
    (face,) = build(registry, "mediapipe").detect(np.zeros((400, 800, 3), dtype=np.uint8))
    assert face.box == pytest.approx((200, 200, 400, 100))
    assert np.allclose(face.eyes, ((240, 220), (480, 220)))


@pytest.mark.parametrize("without", ["the package", "the weights"])
def test_mediapipe_that_is_missing_is_told(registry: Registry, monkeypatch: pytest.MonkeyPatch, without: str) -> None:
    newer = types.ModuleType("mediapipe")
    newer.__version__ = "0.10.35"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mediapipe", None if without == "the package" else newer)
    with pytest.raises(UserError, match="pip install --no-deps mediapipe==0.10.14"):
        build(registry, "mediapipe")


def test_boxes_of_a_list(registry: Registry, tmp_path: Path) -> None:
    file = tmp_path / "boxes.csv"
    file.write_text(
        "image,x,y,width,height,right_eye_x,right_eye_y,left_eye_x,left_eye_y,score\n"
        "a.png,1,2,30,40,10,12,20,12,0.5\na.png,50,2,30,40,,,,,\nnobody.png,,,,,,,,,\n"
    )
    boxes = build(registry, "boxes", file=str(file))
    picture = np.zeros((60, 90, 1), dtype=np.uint8)
    assert boxes.detect(picture, "a.png") == [
        Face((1.0, 2.0, 30.0, 40.0), 0.5, ((10.0, 12.0), (20.0, 12.0))),
        Face((50.0, 2.0, 30.0, 40.0), 1.0),
    ]
    assert boxes.detect(picture, "b.png") == boxes.detect(picture, "nobody.png") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,x,y,width\n", r"boxes\.csv:1: no column height"),
        ("image,x,y,width,height\na.png,1,2,three,4\n", r"boxes\.csv:2: a number is missing or none"),
        ("image,x,y,width,height\na.png,1,2,3,4\nb.png,1,2,0,4\n", r"boxes\.csv:3: a box of 0 x 4 pixels"),
    ],
)
def test_wrong_lists_of_boxes(registry: Registry, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "boxes.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        build(registry, "boxes", file=str(tmp_path / "boxes.csv"))


FAULTY = """
import numpy as np
from gcnet_core.interfaces import Detector, Face
from gcnet_core.plugin_api import ComponentSpec, DetectorConfig, hookimpl

class FaultyConfig(DetectorConfig):
    pass

class Faulty(Detector):
    @property
    def version(self):
        return "faulty 1"
    def detect(self, pixels, name=""):
        face = Face((1.0, 1.0, 9.0, 9.0), 1.0)
        return [face]

@hookimpl
def gcnet_components():
    return [ComponentSpec("detector", "faulty", FaultyConfig, "NAME:Faulty", "finds one face")]
"""
FAULTS = [  # check that must catch it, text, its replacement, message
    ("says_its_version", '"faulty 1"', '""', "version is ''"),
    ("takes_pictures_of_any_shape", "9.0, 9.0)", "9.0, float('nan'))", "a picture of shape (48, 48, 1) gave Face("),
    ("takes_pictures_of_any_shape", "[face]", "[face] if pixels.shape[2] == 3 else pixels[:, :, 2]", "IndexError"),
    ("leaves_the_picture_as_it_is", "return [face]", "pixels[:] = 0; return [face]", "detect changed the pixels"),
    ("leaves_the_picture_as_it_is", "1.0)\n", "float(np.random.rand()))\n", "gave other faces the second time"),
    ("keeps_to_its_options_when_permissive", "    pass", "    def permissive(self):\n        return DetectorConfig()",
     "permissive() must return a config of its own class"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(-1, len(FAULTS)))
def test_a_faulty_detector_is_caught_by_its_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    name = f"detector_fault_{number + 1}"
    check, text, replacement, said = FAULTS[number] if number >= 0 else ("", "", "", "")
    assert text in FAULTY
    code = FAULTY.replace("NAME", name)
    (tmp_path / f"{name}.py").write_text(code.replace(text, replacement, 1) if text else code)
    monkeypatch.syspath_prepend(tmp_path)
    own = [entry for entry in checks_of("detector") if entry.name in {fault[0] for fault in FAULTS}]
    results = run_checks(Case("detector", "faulty", {}, discover([str(tmp_path / f"{name}.py")])), own)
    caught = {str(result.check): result.fault for result in results if result.fault}
    if number >= 0:
        assert said in caught[check]
    else:
        assert caught == {}


def test_profiles_are_sought_in_the_mirrored_picture_too(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    haar: Any = build(registry, "haar")
    picture = np.zeros((100, 200, 1), dtype=np.uint8)
    picture[:, 150:] = 255  # the mark is on the left of the mirrored picture

    def boxes(cascade: object, grey: np.ndarray) -> list[tuple[tuple[float, float, float, float], float]]:
        return [((10.0, 20.0, 40.0, 40.0), 3.0)] if cascade is haar.profile and grey[0, 0] else []

    monkeypatch.setattr(haar, "_boxes", boxes)
    (face,) = haar.detect(picture)
    assert face.box == (150.0, 20.0, 40.0, 40.0)
    assert face.profile
    assert not face.sees_eyes
    assert build(registry, "haar", profiles=False).detect(picture) == []
