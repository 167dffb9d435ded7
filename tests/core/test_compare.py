"""`gcnet compare` by the command: jobs, failures, kill and go on, tables and page."""

import csv
import fcntl
import json
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from gcnet_core.evaluation import Predictions
from tests.conftest import made_once
from tests.core.fake_run import edit_json
from tests.in_process import jobs_in_process
from tests.runs import SMALL, gcnet, gcnet_killed, write_recipe

CNN = """
extends: small.yaml
name: cnn
model: {type: cnn, encoder: {type: conv, channels: [8, 8], width: 16}, classifier: {type: linear}}
losses: {generative: null, contrastive: null, reconstruction: null}
training: {stages: {generator: null, encoder: null}}
"""
ROUND = ("--folds", "0,1", "--workers", "2")


def words(folder: Path) -> tuple[object, ...]:
    """The comparison of the small recipe with its baseline; the recipes are written into the folder."""
    recipe = write_recipe(folder, SMALL.replace("epochs: 2", "epochs: 1"))
    (folder / "cnn.yaml").write_text(CNN)
    return ("compare", recipe, folder / "cnn.yaml", *ROUND, "--output", folder / "out")


def read(folder: Path) -> Any:
    return json.loads((folder / "comparison.json").read_text())


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished comparison, in its folder `out`."""

    def run(folder: Path) -> None:
        with jobs_in_process():
            answer = gcnet(*words(folder), painted=True)
        assert answer.returncode == 0, answer.stderr
        assert "small, seed 0, fold 1: " in answer.stdout
        assert "small − cnn" in answer.stdout

    return made_once(tmp_path_factory, "compared", run) / "out"


@pytest.fixture
def copied(compared: Path, tmp_path: Path) -> Path:
    """A copy of the finished comparison that a test may change."""
    return shutil.copytree(compared, tmp_path / "out")


def test_figures_are_those_of_the_jobs(compared: Path) -> None:
    measured = read(compared)
    assert [entry["name"] for entry in measured["recipes"]] == ["small", "cnn"]
    for entry in measured["recipes"]:
        parts = [
            Predictions.read_csv(compared / entry["name"] / "seed-0" / f"fold-{fold}" / "predictions.csv")
            for fold in (0, 1)
        ]
        accuracies = [float(part.correct.mean()) for part in parts]
        assert [trial["accuracy"] for trial in entry["trials"]] == accuracies
        assert entry["mean_of_folds"] == pytest.approx(sum(accuracies) / 2)
        assert entry["images"] == sum(map(len, parts))
    small, cnn = measured["recipes"]
    (pair,) = measured["pairs"]
    assert pair["difference"] == pytest.approx(small["accuracy"] - cnn["accuracy"])
    assert small["generator"]["expressive"]["images"] == 24
    assert cnn["generator"] is None
    assert small["parameters"] > cnn["parameters"]


def test_files_say_the_same(compared: Path) -> None:
    measured = read(compared)
    rows = list(csv.DictReader((compared / "comparison.csv").read_text().splitlines()))
    assert [float(row["accuracy"]) for row in rows] == [entry["accuracy"] for entry in measured["recipes"]]
    assert rows[1]["reference_mse"] == ""
    (pair,) = csv.DictReader((compared / "pairs.csv").read_text().splitlines())
    assert float(pair["p"]) == measured["pairs"][0]["p"]
    told = f"{100 * measured['recipes'][0]['accuracy']:.1f}%"
    assert told in (compared / "comparison.md").read_text()
    assert told in (compared / "report.html").read_text()


def test_arrays_can_be_read_by_others(compared: Path) -> None:
    arrays = list(compared.rglob("*.safetensors"))
    assert {path.name for path in arrays} == {"analysis.safetensors", "data.safetensors", "pictures.safetensors"}
    assert {path.stat().st_mode & 0o777 for path in arrays} == {0o644}


def test_the_page_needs_no_network_and_shows_every_recipe(compared: Path) -> None:
    page = (compared / "report.html").read_text()
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    for name in ("intervals", "differences", "confusion-1", "confusion-2"):
        assert (compared / "figures" / f"{name}.png").is_file()
    assert page.count("Confusion matrix of ") == 2


def test_disagreements_show_query_reference_and_verdicts(compared: Path) -> None:
    shown = read(compared)["disagreements"]
    page = (compared / "report.html").read_text()
    assert shown, "two recipes that guess must disagree somewhere"
    for entry in shown:
        shares = [verdict["right"] for verdict in entry["verdicts"].values()]
        assert max(shares) > min(shares)
    faces = 3 * len(shown)  # query, true reference, and the one that `small` generated
    assert page.count('class="face"') == faces


def test_weights_go_unless_they_are_to_stay(compared: Path) -> None:
    assert not list(compared.rglob("model.safetensors"))


def test_finished_jobs_are_not_run_again(compared: Path, copied: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("summary.json")}
    assert len(before) == 4
    answer = gcnet(*words(copied.parent), "--json")
    assert answer.returncode == 0
    assert "4 jobs, 4 of them done" in answer.stderr
    assert json.loads(answer.stdout) == read(copied) == read(compared)
    assert {path: path.stat().st_mtime_ns for path in copied.rglob("summary.json")} == before


def test_jobs_of_an_older_version_with_fewer_keys_count_as_done(copied: Path) -> None:
    job = copied / "cnn" / "seed-0" / "fold-1"
    recipe = (job / "recipe.yaml").read_text()
    edit_json(job / "summary.json", recipe_hash="of an older version")
    (job / "recipe.yaml").write_text(recipe.replace("  channels_last: false\n", ""))
    assert recipe != (job / "recipe.yaml").read_text()
    answer = gcnet(*words(copied.parent))
    assert answer.returncode == 0, answer.stderr
    assert "4 jobs, 4 of them done" in answer.stdout


def test_another_recipe_in_the_same_folder_is_refused(copied: Path) -> None:
    answer = gcnet(*words(copied.parent), "--set", "training.batch_size=4")
    assert answer.returncode == 2
    assert "holds a run of another recipe; choose another --output" in answer.stderr


def test_the_page_can_be_written_again(compared: Path, copied: Path) -> None:
    (copied / "report.html").unlink()
    assert gcnet("report", copied, painted=True).returncode == 0
    assert (copied / "report.html").read_text() == (compared / "report.html").read_text()


def test_a_job_that_fails_harms_no_other_and_is_told(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, SMALL.replace("epochs: 2", "epochs: 1"))
    arguments = ("compare", recipe, "--vary", "training.optimizer.learning_rate=1e-3,1e30", "--folds", "0")
    with jobs_in_process():
        answer = gcnet(*arguments, "--output", tmp_path / "out")
    assert answer.returncode == 1
    assert "1 jobs failed" in answer.stderr
    measured = read(tmp_path / "out")
    (entry,) = measured["recipes"]
    assert entry["name"] == "small optimizer.learning_rate=0.001"
    (failure,) = measured["failures"]
    assert failure["job"] == "small optimizer.learning_rate=1e+30, seed 0, fold 0"
    assert "stage generator" in failure["reason"]
    assert failure["reason"] in (tmp_path / "out" / failure["log"]).read_text()
    assert "Failed jobs" in (tmp_path / "out" / "report.html").read_text()


def test_a_killed_comparison_goes_on_where_it_was(tmp_path: Path) -> None:
    arguments = words(tmp_path)
    finished = tmp_path / "out" / "cnn" / "seed-0" / "fold-0" / "summary.json"
    gcnet_killed(*arguments, folder=tmp_path, when=finished.is_file)
    begun = {log: log.with_suffix("") / "summary.json" for log in (tmp_path / "out").rglob("*.log")}
    for log, summary in begun.items():
        with log.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # waits until its job has ended
        assert summary.is_file() or "stopped" in log.read_text(), "a job outlived its comparison"
    stamp = finished.stat().st_mtime_ns
    answer = gcnet(*arguments)
    assert answer.returncode == 0, answer.stderr
    assert finished.stat().st_mtime_ns == stamp
    assert len(read(tmp_path / "out")["recipes"][0]["trials"]) == 2
    assert len(list((tmp_path / "out").rglob("*.log"))) == 4


def test_an_interrupted_comparison_stops_its_jobs_and_says_how_to_go_on(tmp_path: Path) -> None:
    arguments = words(tmp_path)
    finished = tmp_path / "out" / "cnn" / "seed-0" / "fold-0" / "summary.json"
    code, errors = gcnet_killed(*arguments, folder=tmp_path, when=finished.is_file, by=signal.SIGINT)
    assert code == 130
    assert f"stopped; to go on: {sys.executable} -m gcnet_core.cli compare " in errors
    assert "Traceback" not in errors
    logs = list((tmp_path / "out").rglob("*.log"))
    assert len(logs) >= 2
    for log in logs:
        with log.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # raises while a job holds it


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vae_resnet", "--folds", "one"), "neither `all` nor numbers"),
        (("vae_resnet", "--folds", "9"), "--folds: vae_resnet has no fold 9; its folds are 0, 1, 2, 3"),
        (("vae_resnet", "vae_resnet"), "vae_resnet is to be compared 2 times"),
        (("vae_resnet", "--vary", "seed"), "--vary seed: expected KEY=VALUE,VALUE"),
        (("vae_resnt",), "did you mean vae_resnet?"),
    ],
)
def test_bad_input_is_exit_code_2(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    answer = gcnet("compare", *arguments, "--output", tmp_path / "out")
    assert answer.returncode == 2
    assert message in " ".join(answer.stderr.replace("│", " ").split())
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "out").exists()
