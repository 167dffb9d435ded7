"""Calibration: the error against explicit loops, the temperature against what was drawn, and what runs keep of both."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.evaluation.calibration import calibrated, expected_calibration_error, fit_temperature
from gcnet_core.inference.find_model import ModelPlace, open_model
from gcnet_core.inference.temperature import at_temperature
from gcnet_core.plugin_api import Registry
from gcnet_core.runs import Predictions, Run, read_record
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import DESCRIPTION
from tests.conftest import made_once
from tests.core.fake_run import edit_json
from tests.runs import SMALL, gcnet, write_recipe

CLASSES = ("neutral", "anger", "happiness")


def answers(probabilities: np.ndarray, labels: np.ndarray) -> Predictions:
    names = tuple(f"image-{number}" for number in range(len(labels)))
    return Predictions(names, ("",) * len(labels), labels, probabilities, CLASSES)


def softmax(logits: np.ndarray) -> np.ndarray:
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


shares = st.lists(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), min_size=1, max_size=40)


@given(shares, st.integers(1, 20), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_error_equals_explicit_loops(rows: list[list[float]], bins: int, random: "np.random.Generator") -> None:
    probabilities = np.array(rows) / np.array(rows).sum(axis=1, keepdims=True)
    labels = np.array([random.randint(0, 2) for _ in rows])  # type: ignore[attr-defined]
    expected = 0.0
    for number in range(bins):
        inside = []
        for row, label in zip(probabilities, labels, strict=True):
            sure = max(row)
            low, high = number / bins, (number + 1) / bins
            if math.ceil(sure * bins) - 1 == number:
                assert low - 1e-9 <= sure <= high + 1e-9
                inside.append((sure, int(row.argmax()) == label))
        if inside:
            mean_sure = sum(sure for sure, _ in inside) / len(inside)
            share_right = sum(right for _, right in inside) / len(inside)
            expected += len(inside) / len(rows) * abs(share_right - mean_sure)
    assert expected_calibration_error(probabilities, labels, bins) == pytest.approx(expected, abs=1e-12)


def test_golden_errors() -> None:
    certain = np.array([[1.0, 0.0, 0.0]] * 4)
    assert expected_calibration_error(certain, np.array([0, 0, 0, 0])) == 0
    assert expected_calibration_error(certain, np.array([0, 0, 1, 2])) == pytest.approx(0.5)
    fair = np.array([[0.75, 0.25, 0.0]] * 4)
    assert expected_calibration_error(fair, np.array([0, 0, 0, 1])) == pytest.approx(0)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_was_drawn_is_found(temperature: float) -> None:
    """Labels are drawn by probabilities that the model then tells too surely, or not surely enough."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=2, size=(20000, 3))
    drawn = softmax(logits).cumsum(axis=1) > random.random((20000, 1))
    told = answers(softmax(temperature * logits), drawn.argmax(axis=1))
    found = fit_temperature(told)
    assert found == pytest.approx(temperature, rel=0.03)
    error = expected_calibration_error(calibrated(told, found), told.labels)
    assert error < 0.015
    if temperature != 1:
        assert error < expected_calibration_error(told.probabilities, told.labels) / 3
    np.testing.assert_array_equal(calibrated(told, found).argmax(axis=1), told.predicted)


def test_of_one_softmax_it_is_that_of_the_divided_logits() -> None:
    logits = torch.randn(50, 7, generator=torch.Generator().manual_seed(0)) * 5
    expected = (logits / 1.7).softmax(dim=1)
    torch.testing.assert_close(at_temperature(logits.softmax(dim=1), 1.7), expected)


def test_answers_that_are_all_right_or_certain_give_no_nonsense() -> None:
    certain = np.array([[1.0, 0.0, 0.0]] * 4)
    assert fit_temperature(answers(certain, np.array([0, 0, 0, 0]))) == 1
    assert fit_temperature(answers(certain, np.array([1, 1, 1, 2]))) == 1
    half_wrong = answers(certain, np.array([0, 0, 1, 2]))
    found = fit_temperature(half_wrong)
    assert found > 5
    assert np.isfinite(calibrated(half_wrong, found)).all()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with validation people, measured with mirror images."""

    def train(folder: Path) -> None:
        text = SMALL.replace("folds: 4", "folds: 4, validation: 0.4").replace("{bootstrap", "{flip: true, bootstrap")
        answer = gcnet("run", write_recipe(folder, text), "--output", folder / "run")
        assert answer.returncode == 0, answer.stderr
        assert "calibration error" in answer.stdout

    return made_once(tmp_path_factory, "calibrated", train) / "run"


def test_a_run_keeps_its_temperature_and_what_it_changed(run: Path) -> None:
    description = read_record(run / DESCRIPTION, ModelDescription)
    summary = Run(run).summary
    assert description.temperature != 1
    for part, measured in (("validation", summary.validation_calibration), ("test", summary.calibration)):
        assert measured is not None
        assert measured.temperature == description.temperature
        assert description.calibration[f"{part}_ece_before"] == measured.ece
        assert description.calibration[f"{part}_ece_after"] == measured.calibrated_ece
    written = Run(run).predictions
    assert summary.calibration.ece == pytest.approx(expected_calibration_error(written.probabilities, written.labels))
    assert summary.test.accuracy == written.correct.mean()


def test_what_was_fitted_is_what_is_applied(run: Path, registry: Registry) -> None:
    """Answers to the pictures of the test part are those of predictions.csv at the temperature."""
    from gcnet_core.data.load import list_samples, load_faces
    from gcnet_core.recipe import stored_recipe

    recipe = stored_recipe(run / "recipe.yaml", registry)
    table = load_faces(list_samples(recipe.data_sets, recipe.labels, recipe.image, registry), recipe.image)
    row = {sample.image: index for index, sample in enumerate(table.samples)}
    written = Run(run).predictions
    queries = table.images[table.query[[row[image] for image in written.images]]].numpy()
    answerer = open_model(ModelPlace("small", run), registry, "cpu")
    expected = calibrated(written, read_record(run / DESCRIPTION, ModelDescription).temperature)
    np.testing.assert_allclose(answerer.answer(queries).probabilities, expected, atol=1e-5)


def test_a_finished_run_is_calibrated_afterwards(run: Path) -> None:
    path = run / DESCRIPTION
    before = json.loads(path.read_text())
    edit_json(path, temperature=1.0, calibration={})
    bare = json.loads(gcnet("evaluate", run, "--json").stdout)["calibration"]
    assert (bare["temperature"], bare["ece"]) == (1, bare["calibrated_ece"])
    answer = gcnet("evaluate", run, "--fit-temperature", "--json")
    assert answer.returncode == 0, answer.stderr
    again = json.loads(path.read_text())
    assert again["temperature"] == pytest.approx(before["temperature"], rel=1e-3)
    assert json.loads(answer.stdout)["calibration"]["temperature"] == again["temperature"]
    assert again["calibration"].keys() == before["calibration"].keys()
    assert "at temperature" in gcnet("evaluate", run).stdout


def test_without_validation_people_nothing_is_fitted(tmp_path: Path) -> None:
    text = SMALL.replace("epochs: 2", "epochs: 1")
    assert gcnet("run", write_recipe(tmp_path, text), "--output", tmp_path / "run").returncode == 0
    assert read_record(tmp_path / "run" / DESCRIPTION, ModelDescription).temperature == 1
    answer = gcnet("evaluate", tmp_path / "run", "--fit-temperature")
    assert answer.returncode == 2
    assert "split.validation" in answer.stderr
