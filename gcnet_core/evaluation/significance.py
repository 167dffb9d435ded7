"""Could chance have made a difference? Tests of paired differences, and their correction for how many there are."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

FLIPS = 9999
"""Random sign flips of the permutation test; with few subjects all flips are made."""


def sign_flip_test(differences: Int[np.ndarray, "subject"] | Float[np.ndarray, "subject"], seed: int) -> float:
    """Two-sided p of the hypothesis that each difference could as well have the other sign."""
    from scipy.stats import permutation_test

    if len(differences) < 2 or not differences.any():  # both signs of a single one are as far from 0
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
