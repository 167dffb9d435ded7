"""Whole runs by the command: files, figures, kill and resume, folds, evaluation and report again."""

import json
import shutil
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file

from gcnet_core.plugin_api import MissingData, Registry
from gcnet_core.recipe import load_recipe, shipped_recipes
from gcnet_core.recipe.merge import read_file
from gcnet_core.recipe.problems import Problems
from gcnet_core.runs import Predictions, Run, read_record
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import DESCRIPTION
from tests.conftest import made_once
from tests.core.fake_run import edit_json
from tests.core.test_compare import CNN
from tests.runs import SMALL, gcnet, gcnet_killed, gcnet_process, write_recipe

FILES = {
    "recipe.yaml", "data.json", "data.safetensors", "summary.json", "metrics.jsonl", "predictions.csv",
    "predictions_true_reference.csv",
    "model.safetensors", "model.json", "analysis.safetensors", "report.html", "figures",
}  # fmt: skip


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def flat(tree: Any, place: str = "") -> dict[str, Any]:
    """Every leaf of nested dictionaries and lists by its place."""
    if not isinstance(tree, dict | list):
        return {place: tree}
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
    return {name: leaf for key, entry in entries for name, leaf in flat(entry, f"{place}/{key}").items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the small recipe, in its folder `run`; the recipe lies beside it."""

    def train(folder: Path) -> None:
        answer = gcnet("run", write_recipe(folder), "--output", folder / "run", painted=True)
        assert answer.returncode == 0, answer.stderr
        assert "accuracy" in answer.stdout
        assert str(folder / "run" / "report.html") in answer.stdout

    return made_once(tmp_path_factory, "run", train) / "run"


def test_a_run_and_its_model_record_their_parts(run: Path, tmp_path: Path) -> None:
    """And `gcnet evaluate` says when one is from elsewhere today."""
    parts = Run(run).summary.parts
    assert {"generator/vae", "encoder/conv", "loss/l2", "dataset/synthetic_faces", "model/gcnet"} <= parts.keys()
    assert read_record(run / DESCRIPTION, ModelDescription).parts == parts
    again = shutil.copytree(run, tmp_path / "run")
    edit_json(again / DESCRIPTION, parts={**parts, "generator/vae": "gcnet-vae 7"})
    told = gcnet("evaluate", again, "--json")
    assert json.loads(told.stdout)["recipe"] == "small"
    assert told.stderr.startswith(
        f"note: {again}: trained with other versions of its parts: generator/vae of gcnet-vae"
    )


def test_a_run_leaves_what_the_design_says(run: Path) -> None:
    assert {path.name for path in run.iterdir()} == FILES
    summary = read(run / "summary.json")
    assert summary["status"] == "done"
    assert summary["split"]["test"] == {"images": 14, "subjects": 2}
    assert summary["split"]["train"] == {"images": 42, "subjects": 6}
    assert summary["versions"]["torch"]
    assert summary["generator"]["expressive"]["images"] == 12
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [(line["stage"], line["epoch"]) for line in lines] == [
        (stage, epoch) for stage in ("generator", "encoder", "joint") for epoch in (1, 2)
    ]
    assert len((run / "predictions.csv").read_text().splitlines()) == 15


def test_the_report_needs_no_network(run: Path) -> None:
    page = (run / "report.html").read_text()
    assert "data:image/png;base64," in page
    for outside in ('src="http', "src='http", 'href="http', "@import", "<script src"):
        assert outside not in page


def test_a_killed_run_that_is_resumed_equals_one_that_was_not(run: Path, tmp_path: Path) -> None:
    recipe, folder = run.parent / "small.yaml", tmp_path / "killed"
    metrics = folder / "metrics.jsonl"
    for epochs in (1, 3, 5):  # killed in each of the three stages
        arguments = ["run", recipe, "--output", folder, *(["--resume"] if epochs > 1 else [])]
        gcnet_killed(
            *arguments,
            folder=tmp_path,
            when=lambda count=epochs: metrics.is_file() and metrics.read_text().count("\n") >= count,
        )
        assert not (folder / "summary.json").exists()
    assert gcnet("run", recipe, "--output", folder, "--resume").returncode == 0
    resumed, whole = load_file(folder / "model.safetensors"), load_file(run / "model.safetensors")
    assert resumed.keys() == whole.keys()
    for name, weight in whole.items():
        assert weight.equal(resumed[name]), name
    assert (folder / "predictions.csv").read_text() == (run / "predictions.csv").read_text()
    timeless = [
        [{k: v for k, v in json.loads(line).items() if k not in ("seconds", "images_per_second")} for line in lines]
        for lines in (metrics.read_text().splitlines(), (run / "metrics.jsonl").read_text().splitlines())
    ]
    assert timeless[0] == timeless[1]


def test_resume_refuses_another_recipe_and_passes_over_a_finished_run(run: Path) -> None:
    recipe = run.parent / "small.yaml"
    other = gcnet("run", recipe, "--output", run, "--resume", "--set", "seed=1")
    assert other.returncode == 2
    assert "was begun with another recipe" in other.stderr
    before = (run / "summary.json").read_text()
    again = gcnet("run", recipe, "--output", run, "--resume")
    assert again.returncode == 0
    assert "is already done" in again.stdout
    (run / ".gcnet-lock").write_text("process 0 on a machine")  # of one that was killed as it gave the lock back
    gcnet("run", recipe, "--output", run, "--resume")
    assert not (run / ".gcnet-lock").exists()
    assert (run / "summary.json").read_text() == before


def test_evaluation_finds_the_figures_of_the_run(run: Path, tmp_path: Path) -> None:
    summary = read(run / "summary.json")
    answer = gcnet("evaluate", run, "--json", "--output", tmp_path / "again.csv")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    for part in ("test", "true_reference", "generator"):
        again, first = flat(found[part]), flat(summary[part])
        assert again.keys() == first.keys()
        for place, value in first.items():
            assert again[place] == (pytest.approx(value, rel=1e-4) if isinstance(value, float) else value), place
    repeated, original = (Predictions.read_csv(path) for path in (tmp_path / "again.csv", run / "predictions.csv"))
    assert repeated.images == original.images
    np.testing.assert_allclose(repeated.probabilities, original.probabilities, atol=1e-4)
    training = json.loads(gcnet("evaluate", run, "--split", "train", "--json").stdout)
    assert training["images"] == 42
    assert "accuracy" in gcnet("evaluate", run).stdout


def test_evaluation_on_other_data_matches_classes_by_name(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(SMALL.replace("subjects: 8", "subjects: 3, seed: 5"))
    found = json.loads(gcnet("evaluate", run, "--data", other, "--json").stdout)
    assert found["images"] == 21
    assert found["test"]["classes"] == read(run / "summary.json")["classes"]


def test_the_report_can_be_written_again(run: Path, tmp_path: Path) -> None:
    again = shutil.copytree(run, tmp_path / "run")
    (again / "report.html").unlink()
    answer = gcnet("report", again, painted=True)
    assert answer.returncode == 0
    assert (again / "report.html").read_text() == (run / "report.html").read_text()


def test_all_folds(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, SMALL.replace("folds: 4", "folds: 2, fold: all").replace("epochs: 2", "epochs: 1"))
    answer = gcnet("run", recipe, "--output", tmp_path / "run", "--json")
    assert answer.returncode == 0, answer.stderr
    summary = json.loads(answer.stdout)
    parts = [read(tmp_path / "run" / f"fold-{fold}" / "summary.json") for fold in (0, 1)]
    assert summary["folds"] == [part["test"]["accuracy"] for part in parts]
    assert summary["test"]["images"] == summary["true_reference"]["images"] == 56
    for name in ("generated", "copy", "mean_face"):
        mean = sum(part["generator"]["expressive"][name]["mse"] for part in parts) / 2
        assert summary["generator"]["expressive"][name]["mse"] == pytest.approx(mean)
    assert (tmp_path / "run" / "report.html").is_file()


def test_a_run_that_fails_leaves_no_summary_and_exit_code_1(tmp_path: Path) -> None:
    recipe = write_recipe(tmp_path, SMALL.replace("batch_size: 8", "batch_size: 8\n  optimizer: {learning_rate: 1e30}"))
    answer = gcnet_process("run", recipe, "--output", tmp_path / "run")
    assert answer.returncode == 1
    assert "The step was not taken" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not (tmp_path / "run" / "summary.json").exists()


def different_recipes() -> list[str]:
    """One shipped recipe of each choice of parts; the others differ in options alone, and `recipes check` knows all.

    Their text alone is read, because every worker asks for this list.
    """

    def parts(tree: Any, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(tree, dict):
            yield from [(place, tree["type"])] if "type" in tree else []
            for key, value in tree.items():
                yield from parts(value, f"{place}/{key}")

    found: dict[Any, str] = {}
    for name, path in sorted(shipped_recipes().items()):
        recipe = read_file(path, Problems()).plain()
        data = recipe["data"] if isinstance(recipe["data"], list) else [recipe["data"]]
        sections = [*data, recipe["model"], recipe.get("losses")]
        found.setdefault(tuple(sorted(part for section in sections for part in parts(section, ""))), name)
    return list(found.values())


def few_of_fer2013(folder: Path, archive: Path) -> Path:
    """Four images of each part and class of FER2013; `test_the_known_flaws_of_fer2013` reads all 35,887."""
    taken: Counter[str] = Counter()
    with zipfile.ZipFile(archive) as whole, zipfile.ZipFile(folder / archive.name, "w") as few:
        for name in whole.namelist():
            place = name.rpartition("/")[0]
            taken[place] += 1
            if taken[place] <= 4:
                few.writestr(name, whole.read(name))
    assert len(taken) == 3 * 7
    return folder / archive.name


@pytest.mark.slow
@pytest.mark.parametrize("name", different_recipes())
def test_a_few_steps_of_every_kind_of_shipped_recipe(name: str, tmp_path: Path, registry: Registry) -> None:
    recipe = load_recipe(name, registry=registry)
    try:
        for part in recipe.data_sets:
            part.config.info()
    except MissingData as missing:
        pytest.skip(f"no real faces: {missing}")
    data, small = recipe.data_sets[0], []
    if data.type == "synthetic_faces":
        small = ["--set", "data.subjects=12"]
    if data.type == "fer2013":
        place = "data.folder" if recipe.data is data else "data.0.folder"
        small = ["--set", f"{place}={few_of_fer2013(tmp_path, Path(data.config.folder))}"]
    for part in recipe.training.init_from:  # runs that nobody made here
        small += ["--set", f"training.init_from.{part}=null"]
    answer = gcnet(
        "run", name, "--smoke", "--output", tmp_path / "run", "--threads", 1, *small, "--set", "report.tsne=false",
        "--set", "split.fold=0",
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    assert "the figures mean nothing" in answer.stdout
    assert read(tmp_path / "run" / "summary.json")["status"] == "smoke"


SWITCHES = [
    "training.precision=bf16", "training.precision=fp16", "training.channels_last=true", "training.ema=0.9",
    "training.accumulate=2", "training.optimizer.type=sgd", "image.channels=3",
    "model.generator.type=autoencoder", "losses.generative.type=l1", "model.delta.type=absolute",
    "model.delta.type=squared", "model.classifier.type=mlp", "evaluation.flip=true", "model.normalize=none",
]  # fmt: skip


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_few_steps_with_every_switch(switch: str, tmp_path: Path) -> None:
    answer = gcnet("run", write_recipe(tmp_path), "--smoke", "--output", tmp_path / "run", "--set", switch)
    assert answer.returncode == 0, answer.stderr
    assert read(tmp_path / "run" / "summary.json")["status"] == "smoke"


CAPTURED = """
import functools, torch
torch.compile = functools.partial(torch.compile, backend="aot_eager")
from gcnet_core.cli import main
main()
"""
"""The command, where compiled parts are captured whole, but run without generating code: quick."""


@pytest.mark.slow
def test_every_part_and_stage_can_be_captured_by_the_compiler(tmp_path: Path) -> None:
    arguments = ("--smoke", "--output", tmp_path / "run", "--set", "training.compile=true")
    answer = gcnet_process("run", write_recipe(tmp_path), *arguments, start=(sys.executable, "-c", CAPTURED))
    assert answer.returncode == 0, answer.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_a_few_compiled_steps(tmp_path: Path) -> None:
    """With code generated for the parts of a small CNN; batches all of one size need it once."""
    write_recipe(tmp_path, SMALL.replace("folds: 4", "folds: 2").replace("{bootstrap", "{batch_size: 7, bootstrap"))
    (tmp_path / "cnn.yaml").write_text(CNN.replace("channels: [8, 8]", "channels: [8]"))
    arguments = ("--smoke", "--output", tmp_path / "run", "--set", "training.compile=true")
    answer = gcnet_process("run", tmp_path / "cnn.yaml", *arguments)  # what torch.compile leaves ends with it
    assert answer.returncode == 0, answer.stderr
