"""What would grow with a million images does not: comparisons, pictures and objects are counted, never seconds."""

import sys
import tracemalloc
import weakref
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from safetensors.numpy import save_file

from gcnet_core.data import duplicates
from gcnet_core.data.duplicates import near_duplicates
from gcnet_core.data.faces import UNKNOWN
from gcnet_core.data.in_threads import AHEAD, PART, in_threads
from gcnet_core.data_validation import not_faces
from gcnet_core.evaluation import classification_metrics, metrics, reference_errors
from gcnet_core.evaluation.generated import GeneratorMeter, mean_reference
from gcnet_core.experiment.outputs import analysis
from gcnet_core.inference.predict import predict
from gcnet_core.interfaces import Output
from gcnet_core.plugin_api import UserError
from gcnet_core.report import pictures
from gcnet_core.report.baseline import align
from gcnet_core.runs import Predictions, Run
from gcnet_core.runs.files import ANALYSIS
from tests.core.fake_run import write_fake_run
from tests.core.toy import ToyModel, toy_table

REACH = 0.1
SPREAD = np.array([0.35, 0.33, 0.26, 0.2, 0.18, 0.16, 0.16, 0.15, 0.14, 0.12])
"""Deviations of the images of FER2013 along their first directions."""


def points(count: int) -> np.ndarray:
    return (np.random.default_rng(0).standard_normal((count, len(SPREAD))) * SPREAD).astype(np.float32)


def cells(crowd: np.ndarray) -> list[np.ndarray]:
    return list(duplicates._cells(crowd, np.arange(len(crowd), dtype=np.int32), REACH))


def test_images_are_not_compared_with_all_others() -> None:
    comparisons = {count: sum(len(cell) ** 2 for cell in cells(points(count))) / count for count in (2000, 32_000)}
    assert comparisons[32_000] < 4 * comparisons[2000]  # with all others: 16 times as many


def test_images_within_reach_of_each_other_are_in_one_cell() -> None:
    crowd = np.concatenate([points(600), points(600)[:200] + np.float32(0.9 * REACH / len(SPREAD) ** 0.5)])
    together = {pair for cell in cells(crowd) for pair in combinations(sorted(cell.tolist()), 2)}
    near = np.linalg.norm(crowd[:, None] - crowd[None], axis=2) < REACH
    assert {(int(one), int(other)) for one, other in np.argwhere(np.triu(near, k=1))} <= together


def test_copies_among_many_are_found() -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (1500, 16, 16), dtype=np.uint8)
    images[700:1000] = np.clip(images[:300] * 0.9 + 5 + random.normal(0, 3, (300, 16, 16)), 0, 255).astype(np.uint8)
    flat = images.reshape(len(images), -1)
    pairs = np.argwhere(np.triu(np.corrcoef(flat) > 0.995, k=1)).tolist()
    assert len(pairs) > 250
    usable = np.ones(len(images), dtype=bool)
    assert [[one, other] for one, other, _ in near_duplicates(images, usable, 0.995)] == pairs


def test_a_crowd_that_is_alike_is_compared_as_it_is() -> None:
    images = np.tile(np.arange(144, dtype=np.uint8).reshape(1, 12, 12), (600, 1, 1))
    assert len(near_duplicates(images, np.ones(len(images), dtype=bool), 0.995)) == 600 * 599 / 2


def test_few_things_are_in_hand_at_a_time_and_their_order_stays() -> None:
    begun: list[int] = []

    def look(thing: int) -> int:
        begun.append(thing)
        return thing

    found = in_threads(look, range(3 * PART * AHEAD + 5))
    first = next(found)
    assert len(begun) <= PART * AHEAD
    assert [*first, *(thing for some in found for thing in some)] == list(range(3 * PART * AHEAD + 5))


def test_the_detector_looks_at_few_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(not_faces, "MIN_SUSPECTS", 5)
    monkeypatch.setattr(not_faces, "MOST_SUSPECTS", 7)
    thumbnails = np.random.default_rng(0).integers(0, 256, (1000, 4, 4), dtype=np.uint8)
    assert len(not_faces.most_unlike(thumbnails, np.ones(1000, dtype=bool))) == 7


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets of how many samples features and pictures are kept."""
    return lambda count: monkeypatch.setattr(sys.modules["gcnet_core.inference.predict"], "KEPT", count)


def test_pictures_of_a_few_samples_are_kept(keep: Callable[[int], None]) -> None:
    model, table = ToyModel().eval(), toy_table(40)
    indices = np.arange(39, 9, -1)
    everything = predict(model, table, indices, batch_size=8)
    keep(7)
    some = predict(model, table, indices, batch_size=8)
    assert everything.kept.tolist() == list(range(30))
    assert len(some.kept) == len(set(some.kept.tolist())) == 7
    for name in ("features", "reference"):
        np.testing.assert_array_equal(getattr(some, name), getattr(everything, name)[some.kept])
    np.testing.assert_array_equal(some.predictions.probabilities, everything.predictions.probabilities)
    assert some.predictions.images == everything.predictions.images
    arrays = analysis(some, table, grid=4)
    assert {len(arrays[name]) for name in ("label", "features", "reference", "kept")} == {7}
    assert set(arrays["grid.index"]) <= set(some.kept)


def test_no_batch_outlives_the_next(keep: Callable[[int], None]) -> None:
    keep(5)
    alive: list[weakref.ref[torch.Tensor]] = []
    most = 0

    def observe(positions: np.ndarray, output: Output) -> None:
        nonlocal most
        alive.append(weakref.ref(output.reference))
        most = max(most, sum(reference() is not None for reference in alive))

    predict(ToyModel().eval(), toy_table(40), np.arange(40), batch_size=4, observe=observe)
    assert len(alive) == 10
    assert most <= 2


def test_errors_batch_for_batch_equal_those_of_all_pictures_at_once(keep: Callable[[int], None]) -> None:
    model, table = ToyModel().eval(), toy_table(40)
    table = replace(table, reference=torch.where(torch.arange(40) % 5 == 0, UNKNOWN, table.reference))
    indices, training = np.arange(12, 40), np.arange(12)
    generated = predict(model, table, indices, batch_size=9).reference
    known = (table.reference[indices] != UNKNOWN).numpy()
    true, query = (
        (table.images[rows[torch.as_tensor(indices[known])]].float() / 255).numpy()
        for rows in (table.reference, table.query)
    )
    mean_face = mean_reference(table, training)
    assert generated is not None
    assert mean_face is not None
    expressive = ~table.neutral.numpy()[indices[known]]
    keep(3)
    meter = GeneratorMeter(table, indices, training)
    predict(model, table, indices, batch_size=9, observe=meter)
    assert meter.found == reference_errors(generated[known], true, query, mean_face, expressive)


def predictions(count: int, subject: Callable[[int], str] = lambda row: "") -> Predictions:
    random = np.random.default_rng(0)
    return Predictions(
        images=tuple(map(str, range(count))),
        subjects=tuple(map(subject, range(count))),
        labels=random.integers(0, 7, count),
        probabilities=random.dirichlet(np.ones(7), count),
        classes=tuple("abcdefg"),
    )


def test_a_table_of_predictions_is_written_and_read_by_rows(tmp_path: Path) -> None:
    written, path = predictions(5000, lambda row: f"s{row // 20}"), tmp_path / "predictions.csv"
    tracemalloc.start()
    written.write_csv(path)
    _, most = tracemalloc.get_traced_memory()
    assert most < path.stat().st_size / 2
    tracemalloc.reset_peak()
    read = Predictions.read_csv(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 500 * len(read)  # as mappings, 1,370
    assert (read.images, read.subjects) == (written.images, written.subjects)


def test_who_has_one_answer_is_not_a_matrix_of_its_own() -> None:
    distinct, repeats = metrics._distinct_confusions(
        predictions(10_000, lambda row: "" if row % 2 else f"s{row // 20}")
    )
    assert repeats.sum() == 5000 + 500
    assert len(distinct) <= 49 + 500


def test_resamples_drawn_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = predictions(300, lambda row: f"s{row // 3}" if row % 2 else "")
    at_once = classification_metrics(found, 150, 0)
    monkeypatch.setattr(metrics, "DRAWN", 1000)
    assert classification_metrics(found, 150, 0) == at_once


def test_a_run_that_keeps_some_of_its_test_images_is_read_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = keep_some(write_fake_run(tmp_path / "run"))
    run, mapped = Run(folder), []

    def map_nothing(features: np.ndarray, labels: np.ndarray, *others: object) -> tuple[Figure, str]:
        mapped.append((features, labels))
        return Figure(), "0.50"

    monkeypatch.setattr(pictures, "mapped_figure", map_nothing)
    shown = pictures.embedding_pictures(run, None, tmp_path)
    assert shown[0].caption.startswith("t-SNE of 30 test images drawn at random")
    for (features, labels), name in zip(mapped, ("difference", "query_code"), strict=True):
        np.testing.assert_array_equal(features, run.arrays[name])
        np.testing.assert_array_equal(labels, run.predictions.labels[::2])
    save_file({**run.arrays, "kept": np.array([60] * 30)}, folder / ANALYSIS)
    with pytest.raises(UserError, match="does not hold the 60 test images"):
        Run(folder).arrays  # noqa: B018 (it is read when it is asked for)


def test_features_of_a_baseline_in_another_order_stay_with_their_images(tmp_path: Path) -> None:
    run, baseline = write_fake_run(tmp_path / "run"), keep_some(write_fake_run(tmp_path / "baseline"))
    found = Run(baseline)
    found.predictions = found.predictions.rows(np.arange(59, -1, -1))
    aligned = align(found, Run(run))
    labels = aligned.predictions.labels[aligned.arrays["kept"]]
    rows = found.predictions.labels[found.arrays["kept"]]
    np.testing.assert_array_equal(labels, rows)


def keep_some(folder: Path) -> Path:
    """A run whose features are of every second test image."""
    arrays, rows = Run(folder).arrays, np.arange(0, 60, 2)
    of_rows = {name: array[rows] for name, array in arrays.items() if "." not in name}
    save_file({**arrays, **of_rows, "kept": rows}, folder / ANALYSIS)
    return folder
