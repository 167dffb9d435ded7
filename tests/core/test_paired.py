"""Paired tests against enumeration, closed forms and simulation."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.evaluation.paired import pair_up, paired_comparison
from gcnet_core.evaluation.significance import corrected_t_test, holm, sign_flip_test
from gcnet_core.evaluation.trials import mean_of_trials
from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Predictions

CLASSES = ("neutral", "smile")


def predictions(images: dict[str, tuple[str, bool]], labels: int = 0) -> Predictions:
    """InferenceResult to images: name -> (subject, whether right)."""
    right = np.array([hit for _, hit in images.values()])
    probabilities = np.where(right[:, None] == (np.arange(2) == labels), 0.9, 0.1)
    return Predictions(
        images=tuple(images),
        subjects=tuple(subject for subject, _ in images.values()),
        labels=np.full(len(images), labels),
        probabilities=probabilities,
        classes=CLASSES,
    )


def draw(seed: int, subjects: int = 20, each: int = 4, accuracy: float = 0.7) -> Predictions:
    """InferenceResult at random, a subject's pictures all alike hard."""
    random = np.random.default_rng(seed)
    hard = random.beta(accuracy, 1 - accuracy, subjects)
    return predictions(
        {
            f"{person}-{shot}": (f"s{person}", random.random() < hard[person])
            for person in range(subjects)
            for shot in range(each)
        }
    )


def test_sign_flips_equal_the_enumeration_of_all() -> None:
    differences = np.array([3, -1, 2, 0, 2, 1])
    observed = abs(differences.sum())
    sums = [abs(np.dot(signs, differences)) for signs in product((1, -1), repeat=len(differences))]
    assert sign_flip_test(differences, 0) == pytest.approx(np.mean(np.array(sums) >= observed))


def test_one_subject_proves_nothing() -> None:
    assert sign_flip_test(np.array([7]), 0) == 1


def test_equal_recipes_have_p_of_one() -> None:
    one = draw(0)
    figures = paired_comparison(pair_up({(0, 0): one}, {(0, 0): one}), 0.25, 200, 0)
    assert figures.difference == 0
    assert figures.p == 1
    assert figures.effect_size is None
    assert figures.only_first == figures.only_second == 0


def test_without_correction_the_t_test_is_the_plain_one() -> None:
    differences = np.array([0.02, 0.05, -0.01, 0.03, 0.04])
    plain = stats.ttest_1samp(differences, 0).pvalue
    assert corrected_t_test(differences, 0.0) == pytest.approx(plain)
    corrected = corrected_t_test(differences, 0.25)
    # the statistic shrinks by sqrt((1/J) / (1/J + test/train)), Nadeau and Bengio 2003
    statistic = differences.mean() / np.sqrt((1 / 5 + 0.25) * differences.var(ddof=1))
    assert corrected == pytest.approx(2 * stats.t.sf(statistic, 4))
    assert corrected is not None
    assert corrected > plain
    assert corrected_t_test(differences[:1], 0.25) is None
    assert corrected_t_test(np.full(3, 0.1), 0.25) == 0


def test_holm_multiplies_the_smallest_most_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03, None]) == pytest.approx([0.03, 0.06, 0.06, None])
    assert holm([0.6, 0.5]) == [1, 1]
    assert holm([]) == []


def test_pairs_are_the_images_of_both_in_the_same_trial_in_any_order() -> None:
    first = {(0, 0): predictions({"a": ("s", True), "b": ("t", False), "c": ("", True)}), (0, 1): draw(1)}
    second = {(0, 0): predictions({"c": ("", False), "b": ("t", True), "d": ("u", True)}), (1, 0): draw(1)}
    pairs = pair_up(first, second)
    assert pairs.subjects == ("t", "c")  # an image of an unknown person stands for itself
    assert pairs.first.tolist() == [False, True]
    assert pairs.second.tolist() == [True, False]


def test_no_common_image_is_no_test() -> None:
    figures = paired_comparison(pair_up({(0, 0): draw(0)}, {(1, 0): draw(0)}), 0.25, 200, 0)
    assert figures.images == 0
    assert figures.p is None


def test_recipes_that_disagree_about_the_truth_are_refused() -> None:
    with pytest.raises(UserError, match="a is neutral for one recipe and smile for another"):
        pair_up({(0, 0): predictions({"a": ("s", True)})}, {(0, 0): predictions({"a": ("s", True)}, labels=1)})


def test_figures_are_the_counts() -> None:
    one = predictions({"a1": ("a", True), "a2": ("a", True), "b1": ("b", True), "b2": ("b", False)})
    other = predictions({"a1": ("a", False), "a2": ("a", True), "b1": ("b", True), "b2": ("b", False)})
    figures = paired_comparison(pair_up({(0, 0): one}, {(0, 0): other}), 0.25, 500, 0)
    assert figures.difference == 0.25
    assert (figures.only_first, figures.only_second) == (1, 0)
    # subjects gain 0.5 and 0: mean 0.25, deviation 0.5 / sqrt(2)
    assert figures.effect_size == pytest.approx(0.25 / (0.5 / np.sqrt(2)))
    assert figures.interval == (0, 0.5)


def test_balanced_difference_is_that_of_the_mean_recalls() -> None:
    """Against the metrics of each recipe alone, and a loop over all sign flips of subjects."""
    random = np.random.default_rng(3)
    subjects = tuple(f"s{person}" for person in range(9) for _ in range(4))
    images, labels = tuple(map(str, range(36))), (random.random(36) < 0.2).astype(np.int64)
    one, other = (Predictions(images, subjects, labels, random.dirichlet([1, 1], 36), CLASSES) for _ in range(2))
    figures = paired_comparison(pair_up({(0, 0): one}, {(0, 0): other}), None, 400, 0)

    balanced = [classification_metrics(answers, 1, 0).balanced_accuracy for answers in (one, other)]
    assert figures.balanced_difference == pytest.approx(balanced[0] - balanced[1])
    low, high = figures.balanced_interval
    assert low < figures.balanced_difference < high

    gain = one.correct.astype(int) - other.correct
    effects = []
    for signs in product((1, -1), repeat=9):
        flipped = np.repeat(signs, 4) * gain
        effects.append(abs(np.mean([flipped[labels == label].mean() for label in (0, 1)])))
    extreme = np.mean(np.array(effects) >= abs(figures.balanced_difference) - 1e-9)
    assert figures.p_balanced == pytest.approx(extreme, abs=1e-9)


def test_the_test_over_subjects_keeps_its_level_where_one_over_images_does_not() -> None:
    """Two recipes of equal accuracy, each good with people of its own."""
    false_alarms = {"subjects": 0, "images": 0}
    rounds = 100
    for seed in range(rounds):
        one, other = draw(2 * seed, each=8), draw(2 * seed + 1, each=8)
        pairs = pair_up({(0, 0): one}, {(0, 0): other})
        gain = pairs.first.astype(int) - pairs.second
        _, group = np.unique(pairs.subjects, return_inverse=True)
        sums = np.bincount(group, weights=gain).astype(int)
        false_alarms["subjects"] += sign_flip_test(sums, seed) < 0.05
        only = int((gain > 0).sum()), int((gain < 0).sum())
        false_alarms["images"] += stats.binomtest(only[0], sum(only)).pvalue < 0.05
    assert false_alarms["subjects"] / rounds < 0.1
    assert false_alarms["images"] / rounds > 0.2


def test_mean_of_trials_weighs_trials_equally_and_draws_a_person_for_all_at_once() -> None:
    first = predictions({f"a{n}": ("a", True) for n in range(3)} | {"b1": ("b", False)})
    second = predictions({"a0": ("a", True), "b0": ("b", False)})
    mean, interval = mean_of_trials({(0, 0): first, (1, 0): second}, 2000, 0)
    assert mean == pytest.approx((0.75 + 0.5) / 2)
    assert interval == (0, 1)  # all draws of person a alone are right everywhere, of person b alone wrong
    again = mean_of_trials({(0, 0): first, (1, 0): second, (2, 0): second}, 2000, 0)
    assert again[1] == (0, 1)
