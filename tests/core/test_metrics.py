"""Metrics against explicit loops, scikit-learn and closed forms; intervals; predictions on disk."""

import csv
import json
import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gcnet_core.evaluation import classification_metrics, reference_errors, trials
from gcnet_core.evaluation.references import gradient_size, similarity_map, structural_similarity
from gcnet_core.evaluation.trials import mean_of_trials
from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Predictions, concatenate

CLASSES = ("neutral", "anger", "happiness")


def predictions(labels: list[int], predicted: list[int], subjects: list[str] | None = None) -> Predictions:
    """Predictions with the given decisions."""
    probabilities = np.full((len(labels), len(CLASSES)), 0.1)
    probabilities[np.arange(len(labels)), predicted] = 0.8
    names = tuple(f"image-{number}" for number in range(len(labels)))
    return Predictions(names, tuple(subjects or [""] * len(labels)), np.array(labels, int), probabilities, CLASSES)


decisions = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from(["", "a", "b", "c"])), min_size=1)


@given(decisions)
@settings(max_examples=60, deadline=None)
def test_metrics_equal_explicit_loops_and_scikit_learn(rows: list[tuple[int, int, str]]) -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score

    labels, predicted, subjects = (list(column) for column in zip(*rows, strict=True))
    metrics = classification_metrics(predictions(labels, predicted, subjects), bootstrap=100, seed=0)

    confusion = [[0] * 3 for _ in range(3)]
    for label, guess in zip(labels, predicted, strict=True):
        confusion[label][guess] += 1
    assert metrics.confusion == confusion
    hits = sum(label == guess for label, guess in zip(labels, predicted, strict=True))
    assert metrics.accuracy == pytest.approx(hits / len(labels))
    assert metrics.chance == max(labels.count(number) for number in range(3)) / len(labels)
    assert metrics.subjects == len(set(subjects) - {""})
    for number, name in enumerate(CLASSES):
        expected = confusion[number][number] / labels.count(number) if number in labels else None
        assert metrics.recall[name] == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns about classes without images
        assert metrics.balanced_accuracy == pytest.approx(balanced_accuracy_score(labels, predicted))
        expected = f1_score(labels, predicted, labels=sorted(set(labels)), average="macro", zero_division=0)
    assert metrics.macro_f1 == pytest.approx(expected)
    json.dumps(metrics.dump(), allow_nan=False)
    for name in ("accuracy", "balanced_accuracy", "macro_f1"):
        low, high = getattr(metrics, f"{name}_interval")
        assert 0 <= low <= high <= 1


def test_absent_class_has_no_recall_and_counts_in_no_mean() -> None:
    metrics = classification_metrics(predictions([0, 0, 1, 1], [0, 0, 1, 2]), bootstrap=100, seed=0)
    assert metrics.recall == {"neutral": 1.0, "anger": 0.5, "happiness": None}
    assert metrics.balanced_accuracy == 0.75
    assert metrics.macro_f1 == pytest.approx((1 + 2 / 3) / 2)


def test_interval_over_images_is_the_binomial_one() -> None:
    from scipy.stats import binom

    metrics = classification_metrics(predictions([0] * 400, [0] * 300 + [1] * 100), bootstrap=20_000, seed=0)
    assert metrics.interval_over == "images"
    assert metrics.accuracy_interval == pytest.approx(binom.ppf([0.025, 0.975], 400, 0.75) / 400, abs=0.006)


def test_interval_over_subjects_is_wider_where_subjects_are_all_right_or_all_wrong() -> None:
    # 20 subjects of 20 images: the closed form is that of 20 draws, not of 400
    from scipy.stats import binom

    subjects = [f"subject-{number // 20}" for number in range(400)]
    decided = predictions([0] * 400, [0] * 300 + [1] * 100, subjects)
    over_subjects = classification_metrics(decided, bootstrap=20_000, seed=0)
    over_images = classification_metrics(replace(decided, subjects=("",) * 400), bootstrap=20_000, seed=0)
    assert over_subjects.interval_over == "subjects"
    assert over_subjects.accuracy_interval == pytest.approx(binom.ppf([0.025, 0.975], 20, 0.75) / 20, abs=0.051)
    width = np.ptp(over_subjects.accuracy_interval)
    assert width > 3 * np.ptp(over_images.accuracy_interval)


def test_interval_equals_a_plain_bootstrap() -> None:
    generator = np.random.default_rng(1)
    labels, predicted = generator.integers(0, 3, 90), generator.integers(0, 3, 90)
    subjects = [f"subject-{number}" for number in generator.integers(0, 12, 90)]
    people = sorted(set(subjects))
    accuracies = []
    for _ in range(4000):
        drawn = generator.choice(len(people), len(people))
        rows = [row for person in drawn for row in range(90) if subjects[row] == people[person]]
        accuracies.append(np.mean(labels[rows] == predicted[rows]))
    metrics = classification_metrics(predictions(list(labels), list(predicted), subjects), bootstrap=4000, seed=0)
    assert metrics.accuracy_interval == pytest.approx(np.quantile(accuracies, [0.025, 0.975]), abs=0.01)


def test_metrics_depend_on_the_seed_and_on_nothing_else() -> None:
    decided = predictions([0, 1, 2] * 20, [0, 1, 1] * 15 + [2] * 15, [f"subject-{n % 7}" for n in range(60)])
    assert classification_metrics(decided, 500, seed=3) == classification_metrics(decided, 500, seed=3)
    assert classification_metrics(decided, 100, seed=3) != classification_metrics(decided, 100, seed=4)


def test_no_images_is_an_error_for_people() -> None:
    with pytest.raises(UserError, match="no image to evaluate"):
        classification_metrics(predictions([], []), bootstrap=100, seed=0)


def in_folds(*folds: Predictions) -> dict[tuple[int, int], Predictions]:
    """Each as the test of one fold of seed 0."""
    return {(0, number): fold for number, fold in enumerate(folds)}


def test_folds_weigh_equally_in_their_mean_and_images_in_the_pool() -> None:
    first = predictions([0, 0, 0, 0], [0, 0, 0, 0], ["a", "a", "b", "b"])
    second = replace(predictions([0, 1], [1, 0], ["c", "d"]), images=("other-1", "other-2"))
    mean, _ = mean_of_trials(in_folds(first, second), bootstrap=200, seed=0)
    assert mean == 0.5
    pooled = concatenate([first, second])
    assert classification_metrics(pooled, bootstrap=200, seed=0).accuracy == pytest.approx(4 / 6)
    assert pooled.folds.tolist() == [0, 0, 0, 0, 1, 1]


def test_the_interval_of_the_mean_of_folds_equals_a_plain_bootstrap() -> None:
    generator = np.random.default_rng(1)
    folds = []
    for fold, images in enumerate((60, 30)):
        labels, predicted = generator.integers(0, 3, (2, images))
        subjects = [f"{fold}-{number}" for number in generator.integers(0, 9, images)]
        part = predictions(list(labels), list(predicted), subjects)
        folds.append(replace(part, images=tuple(f"{fold}-{image}" for image in part.images)))
    people = sorted({subject for fold in folds for subject in fold.subjects})
    means = []
    for _ in range(3000):
        drawn = generator.choice(people, len(people))
        rows = [[row for person in drawn for row, who in enumerate(fold.subjects) if who == person] for fold in folds]
        means.append(np.mean([fold.correct[chosen].mean() for fold, chosen in zip(folds, rows, strict=True)]))
    _, interval = mean_of_trials(in_folds(*folds), bootstrap=4000, seed=0)
    assert interval == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.015)


def test_the_interval_of_folds_of_unknown_people_is_the_binomial_one() -> None:
    from scipy.stats import binom

    halves = [predictions([0] * 200, [0] * 100 + [1] * 100) for _ in range(2)]
    folds = [replace(half, images=tuple(f"{n}-{image}" for image in half.images)) for n, half in enumerate(halves)]
    _, interval = mean_of_trials(in_folds(*folds), bootstrap=20_000, seed=0)
    assert interval == pytest.approx(binom.ppf([0.025, 0.975], 400, 0.5) / 400, abs=0.006)


def test_a_large_set_is_drawn_in_pieces_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    part = predictions([0, 1, 2] * 20, [0, 1, 1] * 15 + [2] * 15, [f"subject-{n % 7}" for n in range(60)])
    whole = mean_of_trials(in_folds(part), bootstrap=100, seed=3)
    monkeypatch.setattr(trials, "DRAWN", 70)  # ten resamples at a time
    assert mean_of_trials(in_folds(part), bootstrap=100, seed=3) == whole


def test_folds_that_overlap_or_disagree_are_refused() -> None:
    part = predictions([0, 1], [0, 1])
    with pytest.raises(UserError, match="2 images are tested in more than one fold, e.g. image-0"):
        mean_of_trials(in_folds(part, part), bootstrap=100, seed=0)
    mean_of_trials({(0, 0): part, (1, 3): part}, bootstrap=100, seed=0)  # another seed, other folds
    with pytest.raises(UserError, match="different classes"):
        concatenate([part, replace(part, classes=("neutral", "anger", "fear"))])
    with pytest.raises(UserError, match="fold 1 has no test image"):
        mean_of_trials(in_folds(part, predictions([], [])), bootstrap=100, seed=0)


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1, max_size=12)


@given(
    st.lists(words, min_size=1, max_size=5, unique=True),
    st.lists(st.tuples(words, st.text("0a ,\"'\n;é"), st.integers(0, 9)), max_size=6),
    st.booleans(),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_predictions_on_disk_are_exact(
    classes: list[str], rows: list[tuple[str, str, int]], with_folds: bool, data: st.DataObject
) -> None:
    unit = st.floats(0, 1, width=32)
    written = Predictions(
        images=tuple(image for image, _, _ in rows),
        subjects=tuple(subject for _, subject, _ in rows),
        labels=np.array([number % len(classes) for _, _, number in rows], dtype=np.int64),
        probabilities=data.draw(arrays.arrays(np.float32, (len(rows), len(classes)), elements=unit)),
        classes=tuple(classes),
        folds=np.array([number for _, _, number in rows], dtype=np.int64) if with_folds else None,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.csv"
        written.write_csv(path)
        read = Predictions.read_csv(path)
        assert [file.name for file in path.parent.iterdir()] == ["predictions.csv"]
    assert (read.images, read.subjects, read.classes) == (written.images, written.subjects, written.classes)
    np.testing.assert_array_equal(read.labels, written.labels)
    np.testing.assert_array_equal(read.probabilities, written.probabilities)
    np.testing.assert_array_equal(read.predicted, written.predicted)
    assert (read.folds is None) == (not with_folds)
    np.testing.assert_array_equal(read.correct, written.correct)


def test_the_table_names_expressions_and_keeps_subjects_as_text(tmp_path: Path) -> None:
    predictions([0, 2], [0, 1], ["007", ""]).write_csv(tmp_path / "predictions.csv")
    rows = list(csv.DictReader((tmp_path / "predictions.csv").open(encoding="utf-8")))
    assert [row["subject"] for row in rows] == ["007", ""]
    assert [(row["expression"], row["predicted"]) for row in rows] == [("neutral", "neutral"), ("happiness", "anger")]
    assert list(rows[0]) == ["image", "subject", "expression", "predicted", "p_neutral", "p_anger", "p_happiness"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("image,subject,predicted,p_a\n", "lacks the column expression"),
        ("image,subject,expression\n", "lacks the column p_<expression>"),
        ("image,subject,expression,p_a\n1,,other,0.5\n", "damaged"),
        ("image,subject,expression,p_a\n1,,a\n", "damaged"),
    ],
)
def test_a_damaged_table_is_an_error_for_people(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "predictions.csv").write_text(text)
    with pytest.raises(UserError, match=message):
        Predictions.read_csv(tmp_path / "predictions.csv")


def test_a_missing_table_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        Predictions.read_csv(tmp_path / "predictions.csv")


def test_reference_errors_equal_explicit_loops() -> None:
    generator = np.random.default_rng(0)
    generated, true, query = (generator.random((5, 1, 16, 16)).astype(np.float32) for _ in range(3))
    mean_face = generator.random((1, 16, 16)).astype(np.float32)
    expressive = np.array([True, False, True, False, False])
    errors = reference_errors(generated, true, query, mean_face, expressive)
    for subset, rows in {"all": range(5), "expressive": [0, 2]}.items():
        found = getattr(errors, subset)
        assert found.images == len(rows)
        for name, estimate in {"generated": generated, "query_copy": query, "mean_face": [mean_face] * 5}.items():
            squares = [
                (float(estimate[row][0, y, x]) - float(true[row, 0, y, x])) ** 2
                for row in rows
                for y in range(16)
                for x in range(16)
            ]
            assert getattr(found, name).mse == pytest.approx(sum(squares) / len(squares))
    json.dumps(errors.dump(), allow_nan=False)


def test_reference_errors_without_expressive_queries() -> None:
    images = np.zeros((2, 1, 16, 16), dtype=np.float32)
    errors = reference_errors(images, images, images, images[0], np.array([False, False]))
    assert errors.expressive is None
    assert errors.all.generated.dump() == {"mse": 0.0, "ssim": 1.0, "sharpness": 0.0}


def test_gradient_size_of_a_ramp_is_its_slope() -> None:
    y, x = np.mgrid[0:9, 0:9]
    ramps = np.stack([0.03 * y + 0.04 * x, 0.06 * y + 0.08 * x])[:, None]
    assert gradient_size(ramps) == pytest.approx([0.05, 0.1])


def test_structural_similarity_of_flat_images_is_the_closed_form() -> None:
    # without structure only luminance remains: (2ab + C1) / (a^2 + b^2 + C1)
    first, second = np.full((1, 3, 20, 20), 0.2), np.full((1, 3, 20, 20), 0.6)
    expected = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert structural_similarity(first, second) == pytest.approx([expected])


def test_structural_similarity_equals_the_formula_in_the_middle_of_a_window() -> None:
    generator = np.random.default_rng(2)
    first, second = generator.random((2, 11, 11))
    steps = np.arange(-5, 6)
    window = np.exp(-(steps[:, None] ** 2 + steps**2) / (2 * 1.5**2))
    window /= window.sum()
    mean_1, mean_2 = (window * first).sum(), (window * second).sum()
    variance_1, variance_2 = (window * (first - mean_1) ** 2).sum(), (window * (second - mean_2) ** 2).sum()
    covariance = (window * (first - mean_1) * (second - mean_2)).sum()
    expected = ((2 * mean_1 * mean_2 + 1e-4) * (2 * covariance + 9e-4)) / (
        (mean_1**2 + mean_2**2 + 1e-4) * (variance_1 + variance_2 + 9e-4)
    )
    assert similarity_map(first[None], second[None])[0, 5, 5] == pytest.approx(expected)


def test_structural_similarity_falls_with_noise_and_is_symmetric() -> None:
    generator = np.random.default_rng(0)
    image = generator.random((1, 1, 32, 32))
    noise = generator.standard_normal(image.shape)
    values = [float(structural_similarity(image, image + level * noise)[0]) for level in (0, 0.1, 0.3)]
    assert values[0] == 1
    assert values[0] > values[1] > values[2]
    assert structural_similarity(image, 1 - image) == pytest.approx(structural_similarity(1 - image, image))
