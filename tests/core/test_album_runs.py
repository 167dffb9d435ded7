"""Runs with albums by the command: figures by what is given, `--album`, the page, and comparisons."""

import csv
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from gcnet_core.report.templates import with_code
from gcnet_core.runs import Predictions, Run
from tests.conftest import made_once
from tests.in_process import jobs_in_process
from tests.runs import gcnet

ALBUM = """
data: {type: synthetic_faces, subjects: 8, images_per_expression: 1}
image: {size: 32}
threads: 1
split: {folds: 4}
album: {source: any, size: 3, smallest: 0}
model:
  type: gcnet
  generator: {type: autoencoder, channels: 4, latent: 8}
  encoder: {type: conv, channels: [8, 8], width: 16}
  delta: {type: signed}
  classifier: {type: linear}
  reference: {type: album, true_neutral_prob: 0.5}
losses: {classification: {type: cross_entropy}}
training: {batch_size: 8, stages: {joint: {epochs: 1}}}
evaluation: {bootstrap: 100}
report: {tsne: false, grid: 3}
"""
PLAIN = """
extends: album.yaml
name: plain
album: {source: none}
model: {reference: {type: generated, true_neutral_prob: 0}}
"""
CNN = """
extends: plain.yaml
name: cnn
model: {type: cnn, encoder: {type: conv, channels: [8, 8], width: 16}, classifier: {type: linear}}
"""
GIVEN = ("query", "album", "true_neutral", "all")


def write(folder: Path) -> Path:
    """The three recipes; the path of the one with albums."""
    for name, text in (("album", ALBUM), ("plain", PLAIN), ("cnn", CNN)):
        (folder / f"{name}.yaml").write_text(text)
    return folder / "album.yaml"


def evaluated(run: Path, *words: object) -> tuple[dict[str, Any], str]:
    answer = gcnet("evaluate", run, *words, "--json")
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout), answer.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished runs of the three recipes, in folders of their names."""

    def train(folder: Path) -> None:
        write(folder)
        for name in ("album", "plain", "cnn"):
            answer = gcnet("run", folder / f"{name}.yaml", "--output", folder / name, painted=name == "album")
            assert answer.returncode == 0, answer.stderr
            assert ("album: 3 pictures of the same person, for each of 56 images" in answer.stdout) == (name == "album")
            (folder / f"{name}.txt").write_text(answer.stdout)

    return made_once(tmp_path_factory, "album-runs", train)


def test_a_run_is_measured_by_what_is_given(runs: Path) -> None:
    run = Run(runs / "album")
    assert tuple(run.summary.by_reference) == GIVEN
    assert run.summary.by_reference["album"] == run.summary.test
    for name, metrics in run.summary.by_reference.items():
        stored = Predictions.read_csv(runs / "album" / f"predictions_{name}.csv")
        assert float(stored.correct.mean()) == metrics.accuracy
        assert run.predictions_by_reference[name].images == stored.images == run.predictions.images
        assert (
            f"accuracy, {name.replace('_', ' ').replace('query', 'query alone')} " in (runs / "album.txt").read_text()
        )
    assert (runs / "album/predictions_album.csv").read_text() == (runs / "album/predictions.csv").read_text()
    assert run.summary.album is not None
    assert (run.summary.album.images, run.summary.album.mean_pictures) == (14, 3)


def test_a_run_without_albums_leaves_no_other_files(runs: Path) -> None:
    assert not list((runs / "plain").glob("predictions_[!t]*")) + list((runs / "plain").glob("predictions_true_n*"))
    plain = Run(runs / "plain")
    assert tuple(plain.summary.by_reference) == ("query", "true_neutral")
    assert plain.predictions_by_reference["query"] is plain.predictions
    assert plain.predictions_by_reference["true_neutral"] is plain.true_reference_predictions
    assert plain.summary.album is None
    assert Run(runs / "cnn").summary.by_reference == {}


def test_the_page_shows_albums_and_figures_by_reference(runs: Path) -> None:
    page, arrays = (runs / "album/report.html").read_text(), Run(runs / "album").arrays
    assert 'id="albums"' in page
    assert "Accuracy by what is given beside the query" in page
    assert "Pictures of an album: 3 wanted, 3 on average; 0 of 14 images have none." in page
    assert arrays["album.pictures"].shape == arrays["album.pictures_at_rest"].shape == (3, 3, 1, 32, 32)
    assert arrays["album.query"].shape == arrays["album.joined"].shape == (3, 1, 32, 32)
    mean = arrays["album.pictures"].astype(float).mean(axis=1)  # what the query is compared with are the pictures
    assert np.abs(mean - arrays["album.joined"]).max() <= 1
    assert (runs / "album/figures/albums-1.png").is_file()
    assert 'id="albums"' not in (runs / "plain/report.html").read_text()


def test_evaluate_takes_albums_of_other_sizes_and_kinds(runs: Path) -> None:
    summary = Run(runs / "album").summary
    again, said = evaluated(runs / "album")
    assert again["by_reference"] == json.loads((runs / "album/summary.json").read_text())["by_reference"]
    (note,) = summary.notes  # drawn people show the same expressions, so any album tells the missing one
    assert note.startswith("albums give labels away")
    assert said == f"note: {note}\nalbum: 3 pictures of the same person, for each of 14 images\n"
    alone, said = evaluated(runs / "album", "--album", 0)
    assert said.endswith("\nalbum: none, the query alone\n")
    assert alone["test"]["accuracy"] == summary.by_reference["query"].accuracy
    assert list(alone["by_reference"]) == ["query", "true_neutral"]
    assert (alone["album"]["none"], alone["album"]["mean_pictures"]) == (14, 0)
    more, said = evaluated(runs / "album", "--album", 8, "--album-expressions", "different")
    assert said.endswith("14 of 14 images have fewer, 0 none; no person has 8; the largest album has 6\n")
    assert (more["album"]["expressions"], more["album"]["mean_pictures"]) == ("different", 6)
    smile, _ = evaluated(runs / "album", "--album-expressions", "happiness")
    assert smile["album"]["none"] == 2  # each person has one such picture, which is no album of itself
    assert {metrics["images"] for metrics in smile["by_reference"].values()} == {12}
    assert smile["test"]["images"] == 14


def test_evaluate_gives_albums_to_models_that_never_saw_any(runs: Path) -> None:
    plain, said = evaluated(runs / "plain", "--album", 2, "--set", "album.source=any")
    assert plain["by_reference"]["album"]["images"] == 14
    assert plain["test"] == json.loads((runs / "plain/summary.json").read_text())["test"]
    assert said.startswith("album: 2 pictures of the same person, for each of 14 images\n")
    assert "was trained without albums" in said
    cnn, said = evaluated(runs / "cnn", "--album", 2, "--set", "album.source=any")
    assert cnn["by_reference"] == {}
    assert "compares the query with nothing" in said
    nobody = gcnet("evaluate", runs / "plain", "--album", 2)
    assert nobody.returncode == 2  # other sessions are taken, of which drawn faces have none
    assert "`album.source: any` takes any other picture" in nobody.stderr
    assert "Traceback" not in nobody.stderr


def test_bad_albums_are_told(runs: Path) -> None:
    unknown = gcnet("evaluate", runs / "album", "--album-expressions", "smirk")
    assert unknown.returncode == 2
    assert "smirk is none of random, balanced, one, same, different" in unknown.stderr
    assert gcnet("evaluate", runs / "album", "--album", 65).returncode == 2
    none = gcnet("compare", runs / "plain.yaml", runs / "cnn.yaml", "--album", 2, "--output", runs / "nowhere")
    assert none.returncode == 2
    assert "--album 2: no recipe has albums" in none.stderr


def test_whom_a_run_trained_on_cannot_be_changed_afterwards(runs: Path) -> None:
    for change in ("seed=1", "split.fold=1", "split.folds=2"):
        answer = gcnet("evaluate", runs / "plain", "--set", change)
        assert answer.returncode == 2, change
        assert "`seed` and `split` say who was trained on" in answer.stderr


@pytest.mark.parametrize("chosen", ["same", "different", "anger"])
def test_a_run_refuses_albums_that_are_chosen_by_labels(runs: Path, tmp_path: Path, chosen: str) -> None:
    words = ("--set", f"evaluation.album_expressions={chosen}", "--output", tmp_path / "run")
    answer = gcnet("run", runs / "album.yaml", *words)
    assert answer.returncode == 2
    assert f"gcnet evaluate RUN --album-expressions {chosen}" in answer.stderr
    assert not (tmp_path / "run").exists()


def test_a_note_of_a_run_stands_in_its_page(runs: Path) -> None:
    (note,) = Run(runs / "album").summary.notes
    assert with_code(note) in (runs / "album/report.html").read_text()


def test_other_data_without_people_are_answered_alone(runs: Path, tmp_path: Path) -> None:
    for expression in ("anger", "happiness"):
        (tmp_path / "photos" / expression).mkdir(parents=True)
        for number in range(2):
            pixels = np.random.default_rng(number).integers(0, 255, (32, 32), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / "photos" / expression / f"{number}.png"), pixels)
    found, said = evaluated(runs / "album", "--data", tmp_path / "photos")
    assert list(found["by_reference"]) == ["query"]
    assert "the queries are answered alone" in said
    wanted = gcnet("evaluate", runs / "album", "--data", tmp_path / "photos", "--album", 2)
    assert wanted.returncode == 2


def test_folds_and_candidates_are_shown_side_by_side(tmp_path: Path) -> None:
    write(tmp_path)
    words = ("compare", *(tmp_path / f"{name}.yaml" for name in ("album", "plain", "cnn")), "--folds", "0,1")
    with jobs_in_process():
        answer = gcnet(*words, "--workers", "2", "--album", "1", "--output", tmp_path / "out")
    assert answer.returncode == 0, answer.stderr
    measured = json.loads((tmp_path / "out/comparison.json").read_text())
    album, plain, cnn = measured["recipes"]
    assert tuple(album["by_reference"]) == GIVEN
    assert tuple(plain["by_reference"]) == ("query", "true_neutral")
    assert cnn["by_reference"] == {}
    parts = [Run(tmp_path / f"out/album/seed-0/fold-{fold}") for fold in (0, 1)]
    assert [part.recipe["evaluation"]["album_size"] for part in parts] == [1, 1]
    right = sum(part.predictions_by_reference["query"].correct.sum() for part in parts)
    assert album["by_reference"]["query"]["accuracy"] == pytest.approx(right / 28)
    row, other, last = csv.DictReader((tmp_path / "out/comparison.csv").read_text().splitlines())
    assert float(row["query_accuracy"]) == album["by_reference"]["query"]["accuracy"]
    assert (other["album_accuracy"], last["query_accuracy"]) == ("", "")
    for page in ("comparison.md", "report.html"):
        text = (tmp_path / "out" / page).read_text()
        assert "Accuracy by what is given beside the query" in text
        assert f"{100 * album['by_reference']['all']['accuracy']:.1f}%" in text


def test_a_run_over_all_folds_puts_them_together(tmp_path: Path) -> None:
    recipe = write(tmp_path)
    answer = gcnet("run", recipe, "--set", "split.fold=all", "--set", "split.folds=2", "--output", tmp_path / "all")
    assert answer.returncode == 0, answer.stderr
    run = Run(tmp_path / "all")
    assert {name: metrics.images for name, metrics in run.summary.by_reference.items()} == dict.fromkeys(GIVEN, 56)
    assert run.summary.album is not None
    assert run.summary.album.images == 56
    assert float(run.predictions_by_reference["all"].correct.mean()) == run.summary.by_reference["all"].accuracy
