"""What lies in the folders of runs and comparisons: records there and back, formats, folders of gcnet 0.1."""

import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from safetensors.numpy import save_file

from gcnet_core.comparison.measure import candidate_figures
from gcnet_core.evaluation import classification_metrics
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Candidate, load_recipe
from gcnet_core.report import write_report
from gcnet_core.report.comparison import print_comparison, write_comparison_report
from gcnet_core.report.terminal import print_result
from gcnet_core.runs import FORMAT, Comparison, ComparisonFolder, EpochLog, Evaluation, Record, Run, Summary
from gcnet_core.runs.comparison import (
    CrossDatasetEntry,
    CrossDatasetFigures,
    Disagreement,
    FailedJob,
    PairedMetrics,
    PairFigures,
    RecipeFigures,
    TrialFigures,
    Verdict,
)
from gcnet_core.runs.files import ANALYSIS, COMPARISON, METRICS, PICTURES, PREDICTIONS, REPORT, SUMMARY
from gcnet_core.runs.record import read_record, write_record
from tests.core.fake_run import CLASSES, fake_epochs, fake_predictions, write_fake_folds, write_fake_run
from tests.runs import gcnet

OLD = Path(__file__).parent / "old"
"""Folders that gcnet 0.1 wrote for the recipes beside them, without what is not text."""


def fake_comparison() -> Comparison:
    """Two recipes, one pair, other data with and without figures, a failure, a disagreement."""
    metrics = classification_metrics(fake_predictions(40, 0), 100, 0)
    trials = (TrialFigures(seed=0, fold=0, accuracy=0.5, seconds=1.5),)
    recipes = [
        RecipeFigures(
            **dict(metrics), name=name, summary="", jobs=1, planned=2, mean_of_folds=0.5,
            mean_of_folds_interval=(0.25, 0.75), answers=40, generator=None, true_reference=None, parameters=9,
            seconds=1.5, trials=trials,
        )
        for name in ("a", "b")
    ]  # fmt: skip
    unpaired = dict.fromkeys(PairedMetrics.model_fields) | {"images": 0, "subjects": 0, "trials": 0}
    pair = PairFigures(first="a", second="b", **unpaired, p_corrected=None, p_balanced_corrected=None)
    measured = CrossDatasetFigures(
        **dict(metrics), recipe="a", data="x", overlap="none", jobs=1, skipped=3, common=CLASSES
    )
    shown = Disagreement(image="i.png", subject="s", expression="fear", verdicts={"a": Verdict(right=0.5, said="fear")})
    return Comparison(
        recipes=recipes,
        pairs=[pair],
        cross_dataset=[measured, CrossDatasetEntry(recipe="b", data="x", overlap="same")],
        failures=[FailedJob(job="b, seed 0, fold 1", reason="killed", log="b.log")],
        disagreements=[shown],
        features={"a": "a/seed-0/fold-0"},
        versions={"gcnet": "0.2"},
    )


def fake_evaluation() -> Evaluation:
    test = classification_metrics(fake_predictions(20, 0), 100, 0)
    return Evaluation(recipe="a", data="x", images=20, skipped=0, same_crop=True, common=CLASSES, test=test)


def test_every_record_comes_back_as_it_was(tmp_path: Path) -> None:
    one = Run(write_fake_run(tmp_path / "one", images=20)).summary
    every = Run(write_fake_folds(tmp_path / "all", folds=2, images=24)).summary
    epoch = fake_epochs({"joint": 1}, generator=True)[0]
    for record in (one, every, epoch, fake_comparison(), fake_evaluation()):
        write_record(tmp_path / "record.json", record)
        assert read_record(tmp_path / "record.json", type(record)) == record
        assert json.loads((tmp_path / "record.json").read_text())["format"] == FORMAT


def test_a_record_writes_what_was_set_and_no_more(tmp_path: Path) -> None:
    one = json.loads((write_fake_run(tmp_path / "one", images=20) / SUMMARY).read_text())
    every = json.loads((write_fake_folds(tmp_path / "all", folds=2, images=24) / SUMMARY).read_text())
    assert list(one)[:6] == ["format", "recipe", "status", "seed", "fold", "classes"]
    assert {"mean_of_folds", "folds"} & one.keys() == set()
    assert {"split", "validation", "images_per_second"} & every.keys() == set()
    assert one["validation"] is None
    assert every["fold"] == "all"
    assert set(one["generator"]["all"]) == {"images", "generated", "copy", "mean_face"}
    with_and_without = fake_comparison().dump()["cross_dataset"]
    assert with_and_without[1] == {"recipe": "b", "data": "x", "overlap": "same"}
    assert "accuracy" in with_and_without[0]


def test_lines_of_metrics_can_be_appended_cut_and_read(tmp_path: Path) -> None:
    log, epochs = EpochLog(tmp_path / METRICS), fake_epochs({"first": 2, "joint": 2}, generator=True)
    assert log.read() == []
    for epoch in epochs:
        log.append(epoch)
    assert log.read() == epochs
    assert log.images_per_second() == pytest.approx(800)
    log.truncate(3)
    assert log.read() == epochs[:3]
    assert json.loads((tmp_path / METRICS).read_text().splitlines()[0])["format"] == FORMAT


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"format": 99}', "summary.json: format 99; this gcnet reads formats up to 1; install a newer gcnet"),
        ('{"format": "new"}', "summary.json: damaged, or not written by gcnet .format: 'new' is no number"),
        ('{"format": true}', "format: True is no number of a format"),
        ('{"recipe": ', "summary.json: damaged, it is no JSON"),
        ('{"recipe": "a", "fold": 1.5}', "summary.json: damaged, or not written by gcnet .*fold"),
        ("[]", r"summary.json: damaged, or not written by gcnet \(Input should be"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, message: str, tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", images=10)
    (run / SUMMARY).write_text(text)
    with pytest.raises(UserError, match=message):
        _ = Run(run).summary
    answer = gcnet("report", run)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (SUMMARY, b"\xff\xfe\x00", "summary.json: damaged, it is no text"),
        (METRICS, b'{"stage": "joint"', "metrics.jsonl:1: damaged, it is no JSON"),
        (ANALYSIS, b"", "analysis.safetensors: damaged, or not written by gcnet"),
        (PREDICTIONS, b"image,subject,expression,predicted,p_anger\n", "predictions.csv: damaged, it holds no image"),
        (PREDICTIONS, b"image,subject,expression,predicted,p_anger\na,b,joy,anger,1\n", "names the expression 'joy'"),
    ],
)
def test_a_damaged_file_is_named(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", images=10)
    (run / name).write_bytes(content)
    answer = gcnet("report", run)
    assert answer.returncode == 2, answer.stderr
    assert message in answer.stderr


def test_keys_of_a_later_version_are_passed_over(tmp_path: Path) -> None:
    run = write_fake_run(tmp_path / "run", images=10)
    before = Run(run).summary
    (run / SUMMARY).write_text(json.dumps({**before.dump(), "mood": "good"}))
    assert Run(run).summary == before


def test_every_renamed_key_leads_to_a_field() -> None:
    waiting: list[type[Record]] = [Record]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        for old, new in kind.old_keys().items():
            assert old not in kind.model_fields
            assert new in kind.model_fields


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folders of gcnet 0.1, to be written into."""
    shutil.copytree(OLD, tmp_path / "old")
    save_file({}, tmp_path / "old" / "comparison" / PICTURES)
    for job in (tmp_path / "old" / "comparison").rglob(SUMMARY):
        (job.parent / REPORT).touch()  # the last file of a job, which is no text
    return tmp_path / "old"


def test_a_run_of_gcnet_0_1_still_opens(old: Path) -> None:
    written = json.loads((old / "run" / "fold-0" / SUMMARY).read_text())
    run = Run(old / "run" / "fold-0")
    assert "format" not in written
    assert run.summary.true_reference is not None
    assert run.summary.true_reference.accuracy == written["given_reference"]["accuracy"]
    assert run.true_reference_predictions is not None
    assert len(run.true_reference_predictions) == run.summary.true_reference.images
    assert [epoch.epoch for epoch in run.epochs] == [1, 2]
    for folder in (old / "run", run.folder):
        page = write_report(folder).read_text()
        assert "Accuracy, reference given" in page
        console = Console(record=True, width=100)
        print_result(folder, console)
        assert "accuracy, given reference" in console.export_text()
    assert len(Run(old / "run").folds) == 2


def test_folds_of_gcnet_0_1_are_not_run_again(old: Path) -> None:
    before = json.loads((old / "run" / SUMMARY).read_text())
    (old / "run" / SUMMARY).unlink()
    recipe = old / "small.yaml"
    answer = gcnet("run", recipe, "--set", "split.fold=all", "--output", old / "run", "--resume", "--json")
    assert answer.returncode == 0, answer.stderr
    after = json.loads(answer.stdout)
    for name in ("folds", "mean_of_folds", "test", "generator"):
        assert after[name] == before[name]
    assert after["true_reference"] == before["given_reference"]


def test_all_folds_of_a_run_are_measured_as_a_comparison_of_one_recipe(old: Path, registry: Registry) -> None:
    recipe = load_recipe(old / "small.yaml", registry=registry)
    (old / "run" / SUMMARY).unlink()
    assert (
        gcnet("run", old / "small.yaml", "--set", "split.fold=all", "--output", old / "run", "--resume").returncode == 0
    )
    run = Run(old / "run")
    trials = {(0, fold): part for fold, part in enumerate(run.folds)}
    figures, summary = candidate_figures(Candidate("small", recipe), trials, planned=2), run.summary
    assert summary.true_reference is not None
    assert (figures.mean_of_folds, figures.mean_of_folds_interval) == (
        summary.mean_of_folds, summary.mean_of_folds_interval,
    )  # fmt: skip
    assert {name: getattr(figures, name) for name in type(summary.test).model_fields} == dict(summary.test)
    assert figures.true_reference == summary.true_reference.accuracy
    assert figures.generator == summary.generator
    assert tuple(trial.accuracy for trial in figures.trials) == summary.folds


def test_a_comparison_of_gcnet_0_1_still_opens(old: Path) -> None:
    folder = old / "comparison"
    written = json.loads((folder / COMPARISON).read_text())
    figures = ComparisonFolder(folder).figures
    assert "across" in written
    assert [entry.data for entry in figures.cross_dataset] == ["other", "other"]
    assert figures.recipes[0].true_reference == written["recipes"][0]["given_reference"]
    assert "Across data sets" in write_comparison_report(folder).read_text()
    console = Console(record=True, width=120)
    assert print_comparison(folder, console) == 0
    assert "small − cnn" in console.export_text()


def test_jobs_of_a_comparison_of_gcnet_0_1_count_as_done(old: Path) -> None:
    folder = old / "comparison"
    before = json.loads((folder / COMPARISON).read_text())
    arguments = ("--folds", "0", "--data", old / "other.yaml", "--output", folder, "--json")
    answer = gcnet("compare", old / "small.yaml", old / "cnn.yaml", *arguments)
    assert answer.returncode == 0, answer.stderr
    assert "2 jobs, 2 of them done" in answer.stderr
    after = json.loads(answer.stdout)
    assert after["cross_dataset"] == before["across"]
    assert after["pairs"] == before["pairs"]
    for now, then in zip(after["recipes"], before["recipes"], strict=True):
        then["true_reference"] = then.pop("given_reference")
        assert now == {**then, "by_reference": {}}  # which was not measured then
    assert Comparison.model_validate(after).dump() | {"format": FORMAT, "sha256": after["sha256"]} == after
    assert isinstance(Run(folder / "cnn" / "seed-0" / "fold-0").summary, Summary)
