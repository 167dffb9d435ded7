"""`gcnet compare --data`: every model on other data, in one table of training set against test set."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from gcnet_core.data.cross_dataset import overlap
from gcnet_core.evaluation import Predictions
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.plugin_api import Registry
from gcnet_core.recipe import Recipe, load_recipe
from gcnet_core.report.comparison.table import Table
from gcnet_core.report.comparison.terminal import fitting
from tests.conftest import made_once
from tests.core.test_compare import CNN
from tests.in_process import jobs_in_process
from tests.plugins.trees import pictures, table
from tests.runs import SMALL, gcnet, write_recipe

OTHER = """
extends: cnn.yaml
name: other
data: {type: synthetic_faces, subjects: 3, images_per_expression: 1, seed: 5}
labels: {anger: rage, fear: null}
split: {folds: 3}
"""


def recipes(folder: Path) -> tuple[Path, Path]:
    """The small CNN, and the same on other people, whose anger bears a name that the first does not know."""
    write_recipe(folder, SMALL.replace("epochs: 2", "epochs: 1"))
    (folder / "cnn.yaml").write_text(CNN)
    (folder / "other.yaml").write_text(OTHER)
    return folder / "cnn.yaml", folder / "other.yaml"


def words(folder: Path, *more: object) -> tuple[object, ...]:
    first, second = recipes(folder)
    return ("compare", first, second, "--folds", "0,1", "--workers", "2", "--output", folder / "out", *more)


def read(folder: Path) -> Any:
    return json.loads((folder / "out" / "comparison.json").read_text())


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the recipes and a finished comparison, each recipe also tested on the data of both."""

    def run(folder: Path) -> None:
        with jobs_in_process():
            answer = gcnet(*words(folder), "--data", folder / "cnn.yaml", "--data", folder / "other.yaml")
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert "Across data sets" in answer.stdout

    return made_once(tmp_path_factory, "cross_dataset", run)


def test_the_table_has_a_figure_for_each_training_set_and_test_set(compared: Path) -> None:
    across = {(entry["recipe"], entry["data"]): entry for entry in read(compared)["cross_dataset"]}
    assert {pair: entry["overlap"] for pair, entry in across.items()} == {
        ("cnn", "cnn"): "same", ("cnn", "other"): "none", ("other", "cnn"): "none", ("other", "other"): "same",
    }  # fmt: skip
    assert "accuracy" not in across["cnn", "cnn"]  # its figure is that of its folds
    entry = across["cnn", "other"]
    assert (entry["images"], entry["skipped"], entry["jobs"], entry["subjects"]) == (15, 3, 2, 3)  # rage is left out
    assert entry["common"] == ["neutral", "disgust", "happiness", "sadness", "surprise"]
    parts = [
        Predictions.read_csv(compared / "out" / "cnn" / "seed-0" / f"fold-{fold}" / "on-other.csv") for fold in (0, 1)
    ]
    assert entry["accuracy"] == pytest.approx(np.mean([part.correct.mean() for part in parts]))
    recalls = []
    for label in np.unique(parts[0].labels):
        recalls.append(np.mean([part.correct[part.labels == label].mean() for part in parts]))
    assert entry["balanced_accuracy"] == pytest.approx(np.mean(recalls))


def test_files_and_page_say_the_same(compared: Path) -> None:
    entry = next(entry for entry in read(compared)["cross_dataset"] if "accuracy" in entry)
    rows = list(csv.DictReader((compared / "out" / "cross_dataset.csv").read_text().splitlines()))
    row = next(row for row in rows if (row["recipe"], row["data"]) == (entry["recipe"], entry["data"]))
    assert float(row["balanced_accuracy_low"]) == entry["balanced_accuracy_interval"][0]
    assert row["common"] == " ".join(entry["common"])
    assert next(row for row in rows if row["overlap"] == "same")["accuracy"] == ""
    told = f"{100 * entry['balanced_accuracy']:.1f}%"
    for name in ("comparison.md", "report.html"):
        text = (compared / "out" / name).read_text()
        assert told in text
        assert "its own data" in text
    assert not list(compared.rglob("model.safetensors"))


def test_answers_are_not_given_again(compared: Path, tmp_path: Path) -> None:
    compared = shutil.copytree(compared, tmp_path / "copy")
    before = {path: path.stat().st_mtime_ns for path in compared.rglob("on-*.csv")}
    assert len(before) == 4
    data = ("--data", compared / "cnn.yaml", "--data", compared / "other.yaml")
    answer = gcnet(*words(compared), *data, "--json")
    assert "4 jobs, 4 of them done" in answer.stderr
    assert json.loads(answer.stdout) == read(compared)
    assert {path: path.stat().st_mtime_ns for path in compared.rglob("on-*.csv")} == before
    (compared / "third.yaml").write_text(OTHER.replace("other", "third").replace("seed: 5", "seed: 6"))
    late = gcnet(*words(compared), "--data", compared / "third.yaml")
    assert late.returncode == 2
    assert "and its weights are gone; choose another --output, or give --keep-models" in late.stderr
    changed = compared / "changed.yaml"
    changed.write_text(OTHER.replace("seed: 5", "seed: 7"))
    again = gcnet(*words(compared), "--data", changed)
    assert again.returncode == 2
    assert "holds answers on other data called other; choose another --output" in again.stderr


def test_no_common_class_is_told_before_training(tmp_path: Path) -> None:
    pictures(tmp_path / "strange", "contempt/a_1.png", "contempt/b_1.png")
    answer = gcnet(*words(tmp_path, "--data", tmp_path / "strange"))
    assert answer.returncode == 2
    assert "strange: none of its expressions, contempt, is one of the model's, neutral, anger" in answer.stderr
    assert "`labels` in a recipe renames them" in answer.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_can_be_tested_and_an_evaluation_that_fails_is_told(tmp_path: Path) -> None:
    pictures(tmp_path / "photos", "happy/a_1.png", "sad/b_1.png", "smirk/b_2.png")
    command = (*words(tmp_path, "--data", tmp_path / "photos", "--smoke"), "--folds", "0")
    (tmp_path / "photos" / "sad" / "b_1.png").write_bytes(b"broken")
    with jobs_in_process():
        answer = gcnet(*command)
    assert answer.returncode == 1
    assert "1 of 3 images cannot be read" in answer.stdout
    pictures(tmp_path / "photos", "sad/b_1.png")  # mended: the jobs are not trained again
    with jobs_in_process():
        answer = gcnet(*command, "--json")
    assert answer.returncode == 0, answer.stderr
    found = {entry["recipe"]: entry for entry in json.loads(answer.stdout)["cross_dataset"]}
    assert (found["cnn"]["images"], found["cnn"]["skipped"], found["cnn"]["common"]) == (2, 1, ["happiness", "sadness"])
    logs = [log.read_text() for log in (tmp_path / "out").rglob("*.log")]
    assert [log.count("run folder") for log in logs] == [1, 1]


def test_people_of_the_training_are_never_tested_as_other_data(tmp_path: Path, registry: Registry) -> None:
    def recipe(name: str, data: str) -> Recipe:
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"extends: baselines/cnn_resnet\ndata: {data}\n")
        return load_recipe(path, registry=registry)

    for name in ("a", "b"):
        pictures(tmp_path / name, "angry/S1_1.png", "happy/S2_1.png")
    a, b = (f"{{type: folder, folder: {tmp_path / name}}}" for name in ("a", "b"))
    one, other = recipe("one", a), recipe("other", b)
    some = recipe("some", f"{{type: folder, folder: {tmp_path / 'b' / '..' / 'a'}, classes: [anger, happiness]}}")
    joint = recipe("joint", f"[{b}, {a[:-1]}, train_only: true}}]")
    assert overlap(one.data_sets, one.data_sets) == "same"
    assert overlap(one.data_sets, other.data_sets) == "none"
    assert overlap(one.data_sets, some.data_sets) == "some"  # the same folder by another name
    assert overlap(joint.data_sets, one.data_sets) == "some"  # it is added to the training
    assert overlap(joint.data_sets, other.data_sets) == "same"


def test_evaluation_leaves_out_who_was_trained_on_and_refuses_unknown_expressions(
    compared: Path, tmp_path: Path
) -> None:
    first, second = recipes(tmp_path)
    run = tmp_path / "run"
    assert gcnet("run", first, "--smoke", "--output", run).returncode == 0
    own = gcnet("evaluate", run, "--data", first)
    assert own.returncode == 0  # whatever was not trained on
    assert "left out: the model was trained or chosen on them" in own.stderr
    pictures(tmp_path / "strange", "contempt/a_1.png", "contempt/b_1.png")
    strange = gcnet("evaluate", run, "--data", tmp_path / "strange")
    assert strange.returncode == 2
    assert "none of its expressions, contempt, is one of the model's" in strange.stderr
    found = json.loads(gcnet("evaluate", run, "--data", second, "--json").stdout)
    assert (found["images"], found["skipped"]) == (15, 3)
    assert found["common"] == ["neutral", "disgust", "happiness", "sadness", "surprise"]


def test_an_image_that_several_models_answer_for_counts_once_in_intervals() -> None:
    """Ten models on the same twenty images of unknown people know no more about new images than one."""
    random = np.random.default_rng(0)
    labels = np.arange(20) % 2
    shares = np.eye(2)[np.where(random.random(20) < 0.7, labels, 1 - labels)]
    once = Predictions(tuple(map(str, range(20))), ("",) * 20, labels, shares, ("anger", "fear"))
    often = Predictions(once.images * 10, ("",) * 200, np.tile(labels, 10), np.tile(shares, (10, 1)), once.classes)
    intervals = [classification_metrics(answers, 2000, 0).accuracy_interval for answers in (once, often)]
    assert intervals[0] == intervals[1]


GIVEN = """
extends: cnn.yaml
name: given
model:
  type: gcnet
  reference: true_neutral
  encoder: {type: conv, channels: [8, 8], width: 16}
  delta: {type: signed}
  classifier: {type: linear}
"""


def test_a_model_that_needs_references_is_not_tested_without(tmp_path: Path) -> None:
    recipes(tmp_path)
    (tmp_path / "given.yaml").write_text(GIVEN)
    answer = gcnet("run", tmp_path / "given.yaml", "--smoke", "--output", tmp_path / "run")
    assert answer.returncode == 0, answer.stderr
    pictures(tmp_path / "photos", "a_1.png", "a_2.png", "b_1.png")
    rows = ("a_1.png,a,happy,a_2.png", "b_1.png,b,sad,")
    table(tmp_path / "photos" / "manifest.csv", "image,subject,expression,reference", *rows)
    found = json.loads(gcnet("evaluate", tmp_path / "run", "--data", tmp_path / "photos", "--json").stdout)
    assert (found["images"], found["skipped"]) == (1, 1)
    assert found["read as"] == {"type": "manifest", "why": "manifest.csv names its images"}
    pictures(tmp_path / "alone", "happy/b_1.png", "sad/c_1.png")
    alone = gcnet("evaluate", tmp_path / "run", "--data", tmp_path / "alone")
    assert alone.returncode == 2
    assert "nothing to evaluate in alone: no neutral picture can be given as reference" in alone.stderr


def test_a_table_with_more_columns_than_fit_is_turned_over() -> None:
    recalls = Table("Recall", ["recipe", *(f"expression {number}" for number in range(9))], [["cnn", *["50.0%"] * 9]])
    printed = {}
    for width in (60, 200):
        console = Console(width=width, record=True, file=io.StringIO())
        console.print(fitting(recalls, console))
        printed[width] = [line.split() for line in console.export_text().splitlines()]
    assert ["expression", "8", "50.0%"] in printed[60]
    assert ["cnn", *["50.0%"] * 9] in printed[200]
