"""Two recipes on the same images: how much they differ, and whether chance could have made the difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from gcnet_core.evaluation.metrics import interval
from gcnet_core.evaluation.predictions import Predictions
from gcnet_core.plugin_api import UserError

Trial = tuple[int, int]
"""Seed and fold: one training and one test."""

FLIPS = 9999
"""Random sign flips of the permutation test; with few subjects all flips are made."""


@dataclass(frozen=True, eq=False)
class PairedAnswers:
    """Answers of two recipes to the same images in the same trials.

    Args:
        subjects: who is shown; the image itself where nobody knows.
        trial: position of the trial of each answer.
        first: whether the first recipe was right.
        second: whether the second was.
    """

    subjects: tuple[str, ...]
    trial: Int[np.ndarray, "answer"]
    first: Bool[np.ndarray, "answer"]
    second: Bool[np.ndarray, "answer"]

    def __len__(self) -> int:
        return len(self.subjects)


def pair_up(first: Mapping[Trial, Predictions], second: Mapping[Trial, Predictions]) -> PairedAnswers:
    """The images that both recipes answered for in the same trial.

    Args:
        first: predictions of each trial.
        second: those of the other recipe.

    Raises:
        UserError: if they disagree about the true expression of an image.
    """
    subjects: list[str] = []
    answers: list[tuple[int, bool, bool]] = []
    for position, trial in enumerate(sorted(first.keys() & second.keys())):
        one, other = first[trial], second[trial]
        row_of = {image: row for row, image in enumerate(other.images)}
        for row, image in enumerate(one.images):
            match = row_of.get(image)
            if match is None:
                continue
            names = one.classes[one.labels[row]], other.classes[other.labels[match]]
            if names[0] != names[1]:
                raise UserError(
                    f"{image} is {names[0]} for one recipe and {names[1]} for another; compare one data set"
                )
            subjects.append(one.subjects[row] or image)
            answers.append((position, bool(one.correct[row]), bool(other.correct[match])))
    columns = np.array(answers, dtype=np.int64).reshape(len(answers), 3)
    return PairedAnswers(tuple(subjects), columns[:, 0], columns[:, 1].astype(bool), columns[:, 2].astype(bool))


def paired_comparison(pairs: PairedAnswers, test_to_train: float | None, bootstrap: int, seed: int) -> dict[str, Any]:
    """Difference of two accuracies on the same images, with tests that know that a person's pictures hang together.

    - `p`: sign-flip permutation test over subjects (Fisher's randomisation test of matched pairs): if the recipes were
      equal, exchanging them for any person would change nothing. Two-sided.
    - `p_folds`: corrected resampled t-test over trials (Nadeau and Bengio, Inference for the generalization error,
      Machine Learning 52, 2003), which also counts what another training set would change. Two-sided.

    Args:
        pairs: answers to the same images.
        test_to_train: number of test images over that of training images in a trial; None if unknown.
        bootstrap: resamples of subjects for the interval.
        seed: key of the resampling.

    Returns:
        `images`, `subjects`, `trials`; `difference` (accuracy of the first minus that of the second) and its 95 %
        `interval` over subjects; `only_first` and `only_second` right; `p`; `p_folds` (None below two trials);
        `effect_size`, Cohen's d of the differences of subjects (None if they are all equal). All None but the counts
        without common images.
    """
    counts = {"images": len(pairs), "subjects": len(set(pairs.subjects)), "trials": len(np.unique(pairs.trial))}
    names = ("difference", "interval", "only_first", "only_second", "p", "p_folds", "effect_size")
    if not len(pairs):
        return {**counts, **dict.fromkeys(names)}
    gain = pairs.first.astype(np.int64) - pairs.second
    sums, sizes = subject_sums(pairs.subjects, gain)
    draws = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=bootstrap)
    by_trial = np.array([gain[pairs.trial == trial].mean() for trial in np.unique(pairs.trial)])
    shares = sums / sizes
    spread = shares.std(ddof=1) if len(shares) > 1 else 0.0
    return {
        **counts,
        "difference": float(gain.mean()),
        "interval": interval(draws @ sums / (draws @ sizes)),
        "only_first": int((gain > 0).sum()),
        "only_second": int((gain < 0).sum()),
        "p": sign_flip_test(sums, seed),
        "p_folds": corrected_t_test(by_trial, test_to_train) if test_to_train else None,
        "effect_size": float(shares.mean() / spread) if spread else None,
    }


def subject_sums(
    subjects: Sequence[str], values: Int[np.ndarray, "answer"]
) -> tuple[Int[np.ndarray, "subject"], Int[np.ndarray, "subject"]]:
    """The sum of each subject's values, and how many there are."""
    _, group = np.unique(np.array(subjects), return_inverse=True)
    return np.bincount(group, weights=values).round().astype(np.int64), np.bincount(group)


def sign_flip_test(differences: Int[np.ndarray, "subject"], seed: int) -> float:
    """Two-sided p of the hypothesis that each difference could as well have the other sign."""
    from scipy.stats import permutation_test

    if not differences.any():
        return 1.0
    result = permutation_test(
        (differences,),
        lambda sample, axis: sample.sum(axis=axis),
        permutation_type="samples",
        n_resamples=FLIPS,
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    return float(result.pvalue)


def corrected_t_test(differences: Float[np.ndarray, "trial"], test_to_train: float) -> float | None:
    """Two-sided p of a mean difference over trials whose training sets overlap.

    Args:
        differences: of the accuracies in each trial.
        test_to_train: number of test over number of training images, by which the variance is corrected.

    Returns:
        None below two trials; 1 if all differences are 0.
    """
    from scipy.stats import t

    trials = len(differences)
    if trials < 2:
        return None
    mean, variance = differences.mean(), differences.var(ddof=1)
    if not np.ptp(differences):
        return float(mean == 0)
    return float(2 * t.sf(abs(mean) / np.sqrt((1 / trials + test_to_train) * variance), trials - 1))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Probabilities corrected for the number of tests (Holm, 1979); None stays None and counts as no test."""
    known = sorted((p, position) for position, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for rank, (p, position) in enumerate(known):
        largest = max(largest, min(1.0, p * (len(known) - rank)))
        corrected[position] = largest
    return corrected
