"""Who was trained on is known for ever: data that change, move or are copied never make a test of the training."""

import csv
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest

from gcnet_core.data.content import content_of, hash_of_pixels
from gcnet_core.evaluation.own_faces import own_faces
from gcnet_core.inference.sharing.model_folder import write_model_folder
from gcnet_core.plugin_api import Registry
from gcnet_core.report.page import write_report
from gcnet_core.runs import Run
from gcnet_core.runs.trained_on import NOTHING, TEST, TRAIN, VALIDATION, read_trained_on
from gcnet_core.storage import load_model
from gcnet_core.temporary import OURS
from tests.conftest import made_once
from tests.core.fake_run import edit_json
from tests.runs import gcnet

RECIPE = """
data: {type: folder, folder: people}
image: {size: 16, channels: 1}
threads: 1
split: {scheme: subjects, folds: 4, fold: 0}
model:
  type: cnn
  encoder: {type: conv, channels: [4], width: 8}
  classifier: {type: linear}
losses:
  classification: {type: cross_entropy}
training:
  batch_size: 8
  checkpoint_minutes: 0
  stages:
    first: {epochs: 1}
    joint: {epochs: 1}
evaluation: {bootstrap: 100}
report: {tsne: false, grid: 2}
"""
EXPRESSIONS = ("happy", "neutral", "sad")


def face(seed: str) -> np.ndarray:
    """A smooth picture that looks like no other."""
    blocks = np.random.default_rng(list(seed.encode())).integers(20, 235, (6, 6)).astype(np.uint8)
    return cv2.resize(blocks, (24, 24), interpolation=cv2.INTER_CUBIC)


def draw(folder: Path, people: Iterable[str], expressions: Iterable[str] = EXPRESSIONS) -> None:
    """A picture of each person with each expression."""
    for person in people:
        for expression in expressions:
            path = folder / expression / f"{person}-0.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), face(f"{person} {expression}"))


def named(numbers: Iterable[int]) -> list[str]:
    return [f"P{number:02d}" for number in numbers]


def people_in(predictions: Path) -> set[str]:
    """The people in a file of predictions."""
    with predictions.open() as file:
        return {row["subject"] for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data of twelve people, a recipe, and a finished run of it."""

    def make(folder: Path) -> None:
        draw(folder / "people", named(range(12)))
        (folder / "small.yaml").write_text(RECIPE)
        answer = gcnet("run", "small.yaml", "--output", "run", folder=folder)
        assert answer.returncode == 0, answer.stderr

    return made_once(tmp_path_factory, "trained_on", make)


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    """The same, to be changed."""
    return Path(shutil.copytree(finished, tmp_path / "place"))


def killed_run(folder: Path, output: str = "begun", *options: str) -> None:
    """A run that was killed after its training, before it was measured."""
    answer = gcnet("run", "small.yaml", "--output", output, *options, folder=folder)
    assert answer.returncode == 0, answer.stderr
    (folder / output / "summary.json").unlink()


def test_a_run_says_who_is_in_each_part(finished: Path) -> None:
    record = json.loads((finished / "run" / "data.json").read_text())
    stored = read_trained_on(finished / "run")
    assert stored is not None
    people = {part: set(of["people"]) for part, of in record["parts"].items()}
    assert people["test"] == people_in(finished / "run" / "predictions.csv")
    assert people["train"] | people["test"] == set(named(range(12)))
    assert not people["train"] & people["test"]
    assert (record["smoke"], record["classes"]) == (False, ["neutral", "happiness", "sadness"])
    assert [int((stored.part == part).sum()) for part in (TRAIN, VALIDATION, TEST)] == [27, 0, 9]
    shown = {content_of(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)[..., None]) for path in finished.rglob("P*.png")}
    assert set(stored.images.content.tolist()) == shown


def test_people_who_came_later_are_neither_trained_nor_tested(place: Path) -> None:
    before = people_in(place / "run" / "predictions.csv")
    draw(place / "people", named(range(12, 17)))
    answer = gcnet("evaluate", "run", "--output", "again.csv", folder=place)
    assert answer.returncode == 0, answer.stderr
    assert people_in(place / "again.csv") == before
    assert "15 images of 5 people (P12, P13, P14 and 2 more) came into the data after the training" in answer.stderr
    assert (place / "again.csv").read_text() == (place / "run" / "predictions.csv").read_text()
    answer = gcnet("evaluate", "run", "--data", "people", "--output", "new.csv", folder=place)
    assert people_in(place / "new.csv") == before | set(named(range(12, 17)))
    assert "27 images of 9 people" in answer.stderr


def test_trained_people_are_not_tested_under_other_names_of_files_or_people(place: Path) -> None:
    test, train = (
        sorted(json.loads((place / "run" / "data.json").read_text())["parts"][part]["people"])
        for part in ("test", "train")
    )
    for path in sorted((place / "people").rglob(f"{train[0]}-*.png")):
        path.rename(path.with_name(path.name.replace(train[0], "Z9")))  # the same face by another name
    for path in sorted((place / "people").rglob(f"{train[1]}-*.png")):
        path.rename(path.with_name(f"{test[0]}-9.png"))  # and by that of somebody who is tested
    answer = gcnet("evaluate", "run", "--output", "again.csv", folder=place)
    assert answer.returncode == 0, answer.stderr
    assert (place / "again.csv").read_text() == (place / "run" / "predictions.csv").read_text()


def test_a_copied_folder_is_known_again(place: Path) -> None:
    shutil.copytree(place / "people", place / "copy")
    answer = gcnet("evaluate", "run", "--data", "copy", "--output", "copy.csv", "--json", folder=place)
    assert people_in(place / "copy.csv") == people_in(place / "run" / "predictions.csv")
    found = json.loads(answer.stdout)
    assert (found["images"], found["skipped"], found["seen"]) == (9, 0, 27)
    for person in people_in(place / "copy.csv"):
        for path in (place / "copy").rglob(f"{person}-*.png"):
            path.unlink()
    answer = gcnet("evaluate", "run", "--data", "copy", folder=place)
    assert answer.returncode == 2
    assert "copy: run was trained or chosen on all of it, 27 images of 9 people" in answer.stderr


def test_one_picture_tells_whose_the_others_are(place: Path) -> None:
    """A person of the training, in other data under another name, with one old picture and a new one."""
    train = json.loads((place / "run" / "data.json").read_text())["parts"]["train"]["people"][0]
    draw(place / "other", ["A", "B"])
    shutil.copy(place / "people" / "happy" / f"{train}-0.png", place / "other" / "happy" / "A-1.png")
    answer = gcnet("evaluate", "run", "--data", "other", "--output", "other.csv", folder=place)
    assert people_in(place / "other.csv") == {"B"}
    assert "4 images of 1 person (A)" in answer.stderr


def test_names_of_other_data_say_nothing(place: Path) -> None:
    for person in named(range(6)):  # the same names, other faces
        for expression in EXPRESSIONS:
            path = place / "strangers" / expression / f"{person}-0.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), face(f"stranger {person} {expression}"))
    answer = gcnet("evaluate", "run", "--data", "strangers", "--output", "strangers.csv", folder=place)
    assert people_in(place / "strangers.csv") == set(named(range(6)))
    assert "left out" not in answer.stderr


@pytest.mark.parametrize("key", ["split.fold=1", "seed=3"])
def test_nobody_else_is_tested_by_a_changed_recipe(key: str, finished: Path) -> None:
    answer = gcnet("evaluate", "run", "--set", key, folder=finished)
    assert answer.returncode == 2
    assert "say who was trained on" in answer.stderr


def test_what_is_gone_or_changed_is_told(place: Path) -> None:
    test = sorted(people_in(place / "run" / "predictions.csv"))
    for path in (place / "people").rglob(f"{test[0]}-*.png"):
        path.unlink()
    cv2.imwrite(str(place / "people" / "happy" / f"{test[1]}-0.png"), face("another"))
    (place / "people" / "sad" / f"{test[1]}-0.png").unlink()
    (place / "people" / "sad" / f"{test[2]}-0.png").rename(place / "people" / "neutral" / f"{test[2]}-1.png")
    answer = gcnet("evaluate", "run", "--output", "again.csv", folder=place)
    assert people_in(place / "again.csv") == set(test[1:])
    assert f"1 of the 3 people are gone ({test[0]})" in answer.stderr
    assert f"4 images of 2 people ({test[0]}, {test[1]}) are gone since the training" in answer.stderr
    assert "2 images of 2 people" in answer.stderr


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("people", "2 people more (P12, P13); 6 images more (first: happy/P12-0.png)"),
        ("gone", "1 person fewer (P05); 3 images fewer"),
        ("labels", "images more"),
        ("pixels", "1 image with other pixels (first: happy/P05-0.png)"),
        ("classes", "the classes were neutral, happiness, sadness, now neutral, fear, sadness"),
    ],
)
def test_a_run_does_not_go_on_with_other_data(change: str, told: str, place: Path) -> None:
    killed_run(place)
    people = place / "people"
    if change == "people":
        draw(people, named((12, 13)))
    if change == "gone":
        for path in people.rglob("P05-*.png"):
            path.unlink()
    if change == "labels":
        (people / "happy" / "P05-0.png").rename(people / "happy" / "x.png")
        (people / "sad" / "P05-0.png").rename(people / "happy" / "P05-1.png")
    if change == "pixels":
        cv2.imwrite(str(people / "happy" / "P05-0.png"), face("another"))
    if change == "classes":
        (people / "happy").rename(people / "fear")
    before = {path: path.read_bytes() for path in (place / "begun").rglob("*") if path.is_file()}
    answer = gcnet("run", "small.yaml", "--output", "begun", "--resume", folder=place)
    assert answer.returncode == 2, answer.stdout
    assert "--resume: begun was begun on other data" in answer.stderr
    assert told in answer.stderr
    assert {path: path.read_bytes() for path in (place / "begun").rglob("*") if path.is_file()} == before


def test_folds_that_are_done_are_not_joined_by_folds_of_other_data(place: Path) -> None:
    words = ("run", "small.yaml", "--set", "split.fold=all", "--smoke", "--output", "all")
    assert gcnet(*words, folder=place).returncode == 0
    records = [json.loads(path.read_text()) for path in sorted((place / "all").glob("fold-*/data.json"))]
    assert len({record["data"] for record in records}) == 1
    assert len({record["fingerprint"] for record in records}) == 4
    (place / "all" / "summary.json").unlink()
    shutil.rmtree(place / "all" / "fold-3")
    draw(place / "people", named([12]))
    answer = gcnet(*words, "--resume", folder=place)
    assert answer.returncode == 2
    assert "fold-0 was begun on other data: 1 person more (P12)" in answer.stderr


@pytest.mark.parametrize("first", [("--smoke",), ()])
def test_a_run_of_a_few_steps_and_a_whole_one_are_not_mixed(first: tuple[str, ...], place: Path) -> None:
    killed_run(place, "begun", *first)
    other = () if first else ("--smoke",)
    answer = gcnet("run", "small.yaml", "--output", "begun", "--resume", *other, folder=place)
    assert answer.returncode == 2
    assert f"--resume: begun was begun {'with' if first else 'without'} --smoke" in answer.stderr
    assert gcnet("run", "small.yaml", "--output", "begun", "--resume", *first, folder=place).returncode == 0


def test_a_folder_with_a_left_over_file_is_as_good_as_new(place: Path) -> None:
    (place / "half").mkdir()
    (place / "half" / f"{OURS}x1y2").write_text("data:")
    answer = gcnet("run", "small.yaml", "--output", "half", "--resume", folder=place)
    assert "leave out --resume to begin one" in answer.stderr
    answer = gcnet("run", "small.yaml", "--output", "half", "--smoke", folder=place)
    assert answer.returncode == 0, answer.stderr


def test_a_repeated_comparison_of_changed_data_is_refused(place: Path) -> None:
    words = ("compare", "small.yaml", "--output", "cmp", "--smoke")  # its first job is made here, in this process
    assert gcnet("run", "small.yaml", "--smoke", "--output", "cmp/small/seed-0/fold-0", folder=place).returncode == 0
    mixed = gcnet("compare", "small.yaml", "--output", "cmp", "--folds", "0,1", folder=place)
    assert mixed.returncode == 2
    assert "--smoke" in mixed.stderr
    draw(place / "people", named([12, 13]))
    answer = gcnet(*words, "--folds", "0,1", folder=place)
    assert answer.returncode == 2
    assert "fold-0 was begun on other data: 2 people more (P12, P13)" in answer.stderr
    assert not (place / "cmp" / "small" / "seed-0" / "fold-1").exists()


def test_pictures_that_were_trained_on_are_told_by_predict(finished: Path, tmp_path: Path) -> None:
    parts = json.loads((finished / "run" / "data.json").read_text())["parts"]
    draw(tmp_path / "photos", ["A", "B"], ["happy"])
    for number, person in enumerate((*parts["train"]["people"][:2], parts["test"]["people"][0])):
        grey = cv2.imread(str(finished / "people" / "sad" / f"{person}-0.png"), cv2.IMREAD_GRAYSCALE)
        cv2.imwrite(str(tmp_path / "photos" / f"{number}.png"), cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))
    answer = gcnet("predict", finished / "run", tmp_path / "photos", "--faces", "prepared", "--format", "csv")
    assert answer.returncode == 0, answer.stderr
    first = tmp_path / "photos" / "0.png"
    assert f"2 of these 5 pictures were trained on; first: {first}" in answer.stderr
    assert (
        "trained on"
        not in gcnet("predict", finished / "run", tmp_path / "photos" / "happy", "--faces", "prepared").stderr
    )


def test_the_page_says_what_was_trained_on(finished: Path, tmp_path: Path) -> None:
    run = Path(shutil.copytree(finished / "run", tmp_path / "run"))
    record = json.loads((run / "data.json").read_text())
    page = write_report(run).read_text()
    assert record["data"] in page
    assert record["fingerprint"] in page
    assert "the figures are too good" not in page


def test_published_parts_that_share_people_and_images_are_told(tmp_path: Path) -> None:
    """As FER2013 publishes them, where nobody is known; and with people, who may be in both parts."""
    rows = [("x-1", "train"), ("y-1", "train"), ("z-1", "validation"), ("x-2", "test"), ("v-1", "test")]
    for name, part in rows:
        for expression in ("happy", "sad"):
            path = tmp_path / "set" / part / expression / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            copied = name.replace("v", "y")
            cv2.imwrite(str(path), face(f"{copied} {expression}"))
    text = RECIPE.replace("folder: people", "folder: set").replace("scheme: subjects, folds: 4", "scheme: official")
    (tmp_path / "small.yaml").write_text(text)
    answer = gcnet("run", "small.yaml", "--output", "run", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Tested are 1 person of the training (x) and 2 images that are equal to one of the training" in page
    again = gcnet("evaluate", "run", "--output", "again.csv", folder=tmp_path)
    assert again.returncode == 0, again.stderr  # its own part stays what it is
    assert (tmp_path / "again.csv").read_text() == (tmp_path / "run" / "predictions.csv").read_text()
    other = gcnet("evaluate", "run", "--data", "small.yaml", folder=tmp_path)
    assert other.returncode == 2
    assert "small: run was trained or chosen on all of it" in other.stderr


def test_data_that_are_only_added_to_the_training_are_trained_on(place: Path) -> None:
    draw(place / "added", ["A", "B"])
    two = "[{type: folder, folder: people}, {type: folder, folder: added, train_only: true}]"
    (place / "two.yaml").write_text(RECIPE.replace("{type: folder, folder: people}", two))
    assert gcnet("run", "two.yaml", "--output", "two", folder=place).returncode == 0
    people = json.loads((place / "two" / "data.json").read_text())["parts"]["train"]["people"]
    assert {name for name in people if name.startswith("folder-2:")} == {"folder-2:A", "folder-2:B"}
    answer = gcnet("evaluate", "two", "--data", "added", folder=place)
    assert answer.returncode == 2
    assert "added: two was trained or chosen on all of it, 6 images of 2 people (A, B)" in answer.stderr
    assert gcnet("evaluate", "two", "--data", "people", "--output", "own.csv", folder=place).returncode == 0
    assert {f"folder-1:{name}" for name in people_in(place / "own.csv")} == people_in(place / "two" / "predictions.csv")


def test_who_was_trained_on_stays_at_home(finished: Path, tmp_path: Path, registry: Registry) -> None:
    given = tmp_path / "given"
    write_model_folder(finished / "run", given, name="m", licence="mit", registry=registry)
    assert {path.name for path in given.iterdir()} == {"README.md", "model.json", "model.safetensors", "recipe.yaml"}
    assert not [path for path in given.iterdir() if b"P03" in path.read_bytes()]


def test_exported_models_are_measured_on_the_stored_parts(
    place: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    draw(place / "people", named(range(12, 16)))
    found = own_faces(Path("run"), load_model(Path("run"), registry), registry)
    assert {part: len(faces.faces) for part, faces in found.items()} == {"train": 27, "test": 9}


def test_a_run_of_an_older_gcnet_is_measured_as_before_and_it_is_told(place: Path) -> None:
    for name in ("data.json", "data.safetensors"):
        (place / "run" / name).unlink()
    lost = gcnet("evaluate", "run", folder=place)
    assert lost.returncode == 2, "it had them"
    assert "data.json: is missing, so that nobody knows who was trained on" in lost.stderr
    edit_json(place / "run" / "summary.json", files={})
    answer = gcnet("evaluate", "run", "--output", "again.csv", folder=place)
    assert answer.returncode == 0
    assert "is of an older gcnet, which did not store who was trained on" in answer.stderr
    assert people_in(place / "again.csv") == people_in(place / "run" / "predictions.csv")
    own = gcnet("evaluate", "run", "--data", "people", folder=place)
    assert own.returncode == 2
    assert "was trained on these data" in own.stderr
    assert gcnet("report", "run", folder=place).returncode == 0
    assert len(Run(place / "run").predictions) == 9


def test_a_damaged_record_is_told_and_nothing_is_tested(place: Path) -> None:
    path = place / "run" / "data.safetensors"
    content = bytearray(path.read_bytes())
    content[-200] ^= 1
    path.write_bytes(content)
    answer = gcnet("evaluate", "run", folder=place)
    assert answer.returncode == 2
    assert "data.safetensors: damaged or changed: its content is not what gcnet wrote" in answer.stderr
    path.unlink()
    answer = gcnet("evaluate", "run", folder=place)
    assert answer.returncode == 2
    assert "data.safetensors: is missing, damaged, or does not belong to data.json" in answer.stderr


def test_the_content_of_a_picture_is_its_pixels() -> None:
    picture = face("a")[..., None]
    assert content_of(picture) == content_of(np.repeat(picture, 3, axis=2)) != content_of(picture[:, ::-1])
    assert content_of(picture) != content_of(picture.reshape(12, 48, 1))
    colour = np.random.default_rng(1).integers(0, 256, (8, 9, 3), dtype=np.uint8)
    assert content_of(colour) == content_of(cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)[..., None])  # as a recipe reads it
    assert hash_of_pixels(colour) != hash_of_pixels(np.repeat(colour[..., :1], 3, axis=2))
    assert content_of(np.full((4, 4, 3), 7, dtype=np.uint8)) == NOTHING
