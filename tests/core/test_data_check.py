"""`gcnet data check`: each fault that is put into data is found, and nothing in data without faults."""

import json
import shutil
from pathlib import Path

import cv2
import jaxtyping
import numpy as np
import pytest

from gcnet_core.data.duplicates import near_duplicates
from gcnet_core.data.guess import dataset_in
from gcnet_core.data.load import left_out, list_samples
from gcnet_core.data_validation.check import DataValidation, check_data
from gcnet_core.plugin_api import ImageConfig, Registry, UserError
from gcnet_core.recipe import load_recipe
from tests.conftest import ROOT
from tests.runs import gcnet

HEADER = "image,subject,expression,reference,session,lighting,fold"
NAMES = [
    f"{subject}_{expression}" for subject in ("s1", "s2", "s3", "s4") for expression in ("neutral", "anger", "fear")
]


def face(key: int, size: int = 48) -> np.ndarray:
    """A smooth random picture."""
    coarse = np.random.default_rng(key).integers(0, 256, (9, 9)).astype(np.uint8)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A manifest of four people in two folds, without faults."""
    rows = []
    for key, name in enumerate(NAMES):
        cv2.imwrite(str(tmp_path / f"{name}.png"), face(key))
        subject, expression = name.split("_")
        rows.append([f"{name}.png", subject, expression, f"{subject}_neutral.png", "", "", str(int(subject[1]) % 2)])
    write(tmp_path, rows)
    return tmp_path


def write(folder: Path, rows: list[list[str]]) -> None:
    (folder / "manifest.csv").write_text("\n".join([HEADER, *(",".join(row) for row in rows), ""]))


def rows_of(folder: Path) -> list[list[str]]:
    return [line.split(",") for line in (folder / "manifest.csv").read_text().splitlines()[1:]]


def checked(folder: Path, registry: Registry) -> DataValidation:
    part = dataset_in(folder, registry, "manifest")
    return check_data(list_samples([part], {}, ImageConfig(channels=3), registry), registry)[0]


def found(folder: Path, registry: Registry) -> dict[str, int]:
    return {finding.name: finding.count for finding in checked(folder, registry).findings}


def test_data_without_faults(folder: Path, registry: Registry) -> None:
    validation = checked(folder, registry)
    assert validation.findings == ()
    assert not validation.failed
    assert validation.counts["all"] == {"images": 12, "people": 4, "with a person": 12, "with a reference": 12}
    assert validation.counts["class"] == {"neutral": 4, "anger": 4, "fear": 4}
    assert validation.counts["fold"] == {"0": 6, "1": 6}
    assert validation.counts["images of a person"] == {"fewest": 3, "most": 3}


def test_broken_constant_tiny_and_odd_images(folder: Path, registry: Registry) -> None:
    (folder / "s1_anger.png").write_bytes((folder / "s1_anger.png").read_bytes()[:60])
    cv2.imwrite(str(folder / "s2_anger.png"), np.full((48, 48), 7, dtype=np.uint8))
    cv2.imwrite(str(folder / "s3_anger.png"), face(30, 20))
    cv2.imwrite(str(folder / "s4_anger.png"), np.repeat(face(31)[:, :, None], 3, axis=2) // [1, 2, 3])
    assert found(folder, registry) == {
        "unreadable": 1, "constant": 1, "tiny": 1, "different_sizes": 1, "different_colours": 1,
    }  # fmt: skip


def test_near_duplicates_across_folds_labels_and_people(folder: Path, registry: Registry) -> None:
    brighter = np.clip(0.8 * face(NAMES.index("s1_anger")) + 30, 0, 255).astype(np.uint8)
    cv2.imwrite(str(folder / "s2_fear.png"), brighter)  # s1 is in fold 1, s2 in fold 0
    validation = checked(folder, registry)
    assert {finding.name: finding.count for finding in validation.findings} == {
        "duplicates_across_parts": 1,
        "duplicates_with_two_labels": 1,
        "duplicates_of_two_people": 1,
        "duplicates": 1,
    }
    assert validation.findings[0].images == (("s1_anger.png", "s2_fear.png"),)
    assert validation.failed


def test_a_set_that_only_trains_must_not_hold_what_is_tested(folder: Path, tmp_path: Path, registry: Registry) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(folder / "s1_anger.png", copy / "a.png")
    cv2.imwrite(str(copy / "b.png"), face(99))
    write(copy, [["a.png", "x1", "anger", "", "", "", ""], ["b.png", "x2", "fear", "", "", "", ""]])
    (tmp_path / "r.yaml").write_text(
        f"extends: baselines/cnn_resnet\ndata:\n  - {{type: manifest, folder: {folder}}}\n"
        f"  - {{type: manifest, folder: {copy}, train_only: true}}\n"
    )
    recipe = load_recipe(tmp_path / "r.yaml", registry=registry)
    listing = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry)
    by_name = {finding.name: finding for finding in check_data(listing, registry)[0].findings}
    assert by_name["duplicates_across_parts"].images == (("manifest-1:s1_anger.png", "manifest-2:a.png"),)


def test_frames_of_one_person_are_only_noted(folder: Path, registry: Registry) -> None:
    shutil.copy(folder / "s1_anger.png", folder / "s1_again.png")
    write(folder, [*rows_of(folder), ["s1_again.png", "s1", "anger", "s1_neutral.png", "", "", "1"]])
    validation = checked(folder, registry)
    assert [(finding.name, finding.severity) for finding in validation.findings] == [("duplicates", "note")]
    assert "1 of them equal in every pixel" in validation.findings[0].text


def test_people_in_two_folds_and_labels_that_are_numbers(folder: Path, registry: Registry) -> None:
    rows = rows_of(folder)
    rows[0][6] = "0"  # s1 is in fold 1
    rows[4][2] = "4"
    rows[5][2] = "smirk"
    rows[7][3] = ""
    rows[8][1] = ""
    write(folder, rows)
    assert found(folder, registry) == {
        "people_in_two_folds": 1,
        "numbers_as_labels": 1,
        "unknown_people": 1,
        "missing_references": 1,
        "other_labels": 1,
        "classes_missing_in_parts": 2,
    }


def test_near_duplicates_equal_an_explicit_loop() -> None:
    rng = np.random.default_rng(0)
    faces = np.stack([face(key) for key in range(30)])
    noisy = np.clip(faces[:10] + rng.normal(0, 3, faces[:10].shape), 0, 255).astype(np.uint8)
    images = np.concatenate([faces, noisy, np.zeros((1, 48, 48), np.uint8)])
    usable = images.reshape(len(images), -1).std(axis=1) > 0
    pairs = []
    for first in range(len(images)):
        for second in range(first + 1, len(images)):
            if usable[first] and usable[second]:
                likeness = np.corrcoef(images[first].ravel(), images[second].ravel())[0, 1]
                if likeness > 0.99:
                    pairs.append((first, second))
    assert len(pairs) >= 10
    assert sorted((first, second) for first, second, _ in near_duplicates(images, usable, 0.99)) == pairs
    assert near_duplicates(images, np.zeros(len(images), dtype=bool), 0.99) == []


def test_the_command(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    faceless = gcnet("data", "check", str(folder), "--json")  # which these smooth pictures are
    assert [finding["name"] for finding in json.loads(faceless.stdout)["findings"]] == ["not_faces"]
    fine = gcnet("data", "check", str(folder), "--output", str(page), "--detector", "none")
    assert fine.returncode == 0, fine.stderr
    assert "read as manifest" in fine.stdout
    assert "nothing to complain of" in fine.stdout.lower()
    assert "Nothing to complain of" in page.read_text()
    shutil.copy(folder / "s1_anger.png", folder / "s2_fear.png")
    answer = gcnet("data", "check", str(folder), "--json")
    assert answer.returncode == 1
    report = json.loads(answer.stdout)
    assert not report["ok"]
    assert report["findings"][0]["name"] == "duplicates_across_parts"
    gcnet("data", "check", str(folder), "--output", str(page), "--detector", "none")
    assert page.read_text().count("data:image/png;base64,") == 8  # four findings with one pair
    recipe = tmp_path / "r.yaml"
    recipe.write_text(f"extends: baselines/cnn_resnet\ndata: {{type: manifest, folder: {folder}}}\n")
    by_recipe = gcnet("data", "check", str(recipe), "--json", "--set", "labels={fear: null}")
    assert by_recipe.returncode == 0
    assert json.loads(by_recipe.stdout)["counts"]["class"] == {"neutral": 4, "anger": 4}


def test_bad_input_of_the_command(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, message in (
        ((str(tmp_path / "empty"),), "no data set part can read this; asked"),
        ((str(tmp_path / "empty"), "--type", "jaffe"), "KA.AN1.39.tiff"),
        ((str(tmp_path / "empty"), "--type", "jaffee"), "did you mean jaffe"),
        (("nowhere",), "no such file"),
        ((str(folder), "--set", "seed=1"), "--set changes a recipe"),
        (("vae_resnet", "--type", "jaffe"), "a recipe says it itself"),
    ):
        answer = gcnet("data", "check", *arguments)
        assert answer.returncode == 2, arguments
        assert message in answer.stderr, answer.stderr
        assert "Traceback" not in answer.stderr
    assert not (ROOT / "data-check.html").exists()


def test_guessing_takes_the_part_that_knows_most(faces: Path, registry: Registry) -> None:
    assert dataset_in(faces / "fer2013.zip", registry).type == "fer2013"
    assert dataset_in(faces / "ckplus48", registry).type in ("ckplus48", "manifest")
    assert dataset_in(faces / "ckplus_official", registry).type == "ckplus"
    with pytest.raises(UserError, match="no data set part"):
        dataset_in(faces / "london", registry)


def test_the_known_flaws_of_fer2013(faces: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 constant images, and 595 validation and test images with a nearly equal training image."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # of 35,887 images, several times each
    part = dataset_in(faces / "fer2013.zip", registry)
    validation, _ = check_data(list_samples([part], {}, ImageConfig(channels=3), registry), registry)
    by_name = {finding.name: finding for finding in validation.findings}
    assert by_name["constant"].count == 12
    assert (
        "595 validation and test images have a nearly equal training image" in by_name["duplicates_across_parts"].text
    )


def test_files_that_no_sample_shows_are_counted_and_named(folder: Path, registry: Registry) -> None:
    cv2.imwrite(str(folder / "nobody.png"), face(99))
    (folder / "notes.txt").write_text("taken in May")
    (folder / ".DS_Store").touch()
    part = dataset_in(folder, registry, "manifest")
    listing = list_samples([part], {}, ImageConfig(channels=3), registry)
    others = left_out([part])
    assert [(file.file, file.reason) for file in others] == [
        (".DS_Store", "hidden"),
        ("nobody.png", "nothing names it"),
        ("notes.txt", "no picture: .txt"),
    ]
    validation, _ = check_data(listing, registry, left_out=others)
    assert validation.counts["files"] == {"used": len(NAMES), "unreadable": 0, "left out": 3}  # and the list itself
    assert {finding.name: finding.count for finding in validation.findings} == {"left_out": 1, "other_files": 2}
