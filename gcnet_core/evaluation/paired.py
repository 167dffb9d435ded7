"""Two recipes on the same images: how much they differ, and whether chance could have made the difference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from gcnet_core.evaluation.metrics import interval
from gcnet_core.evaluation.significance import corrected_t_test, sign_flip_test
from gcnet_core.evaluation.trials import Trial
from gcnet_core.plugin_api import UserError
from gcnet_core.runs import Interval, Predictions
from gcnet_core.runs.comparison import PairedMetrics


@dataclass(frozen=True, eq=False)
class PairedAnswers:
    """InferenceResult of two recipes to the same images in the same trials.

    Args:
        subjects: who is shown; the image itself where nobody knows.
        expressions: true ones.
        trial: position of the trial of each answer.
        first: whether the first recipe was right.
        second: whether the second was.
    """

    subjects: tuple[str, ...]
    expressions: tuple[str, ...]
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
    expressions: list[str] = []
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
            expressions.append(names[0])
            answers.append((position, bool(one.correct[row]), bool(other.correct[match])))
    columns = np.array(answers, dtype=np.int64).reshape(len(answers), 3)
    first_right, second_right = columns[:, 1].astype(bool), columns[:, 2].astype(bool)
    return PairedAnswers(tuple(subjects), tuple(expressions), columns[:, 0], first_right, second_right)


def paired_comparison(pairs: PairedAnswers, test_to_train: float | None, bootstrap: int, seed: int) -> PairedMetrics:
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
        All None but the counts without common images.
    """
    counts = {"images": len(pairs), "subjects": len(set(pairs.subjects)), "trials": len(np.unique(pairs.trial))}
    if not len(pairs):
        return PairedMetrics(**{**dict.fromkeys(PairedMetrics.model_fields), **counts})
    gain = pairs.first.astype(np.int64) - pairs.second
    sums, sizes = subject_sums(pairs.subjects, gain)
    draws = np.random.default_rng(seed).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=bootstrap)
    by_trial = np.array([gain[pairs.trial == trial].mean() for trial in np.unique(pairs.trial)])
    shares = sums / sizes
    spread = shares.std(ddof=1) if len(shares) > 1 else 0.0
    balanced_difference, balanced_interval, p_balanced = balanced_comparison(pairs, draws, seed)
    return PairedMetrics(
        **counts,
        difference=float(gain.mean()),
        interval=interval(draws @ sums / (draws @ sizes)),
        only_first=int((gain > 0).sum()),
        only_second=int((gain < 0).sum()),
        p=sign_flip_test(sums, seed),
        p_folds=corrected_t_test(by_trial, test_to_train) if test_to_train else None,
        effect_size=float(shares.mean() / spread) if spread else None,
        balanced_difference=balanced_difference,
        balanced_interval=balanced_interval,
        p_balanced=p_balanced,
    )


def balanced_comparison(
    pairs: PairedAnswers, draws: Int[np.ndarray, "resample subject"], seed: int
) -> tuple[float, Interval, float]:
    """Difference of two balanced accuracies, in which a rare expression counts as much as a frequent one.

    Args:
        pairs: answers to the same images, at least one.
        draws: how often each subject is in each bootstrap resample.
        seed: key of the sign flips.

    Returns:
        Mean recall of the first minus that of the second, its 95 % interval over subjects, and its p by the sign-flip
        test.
    """
    _, subject = np.unique(np.array(pairs.subjects), return_inverse=True)
    _, expression = np.unique(np.array(pairs.expressions), return_inverse=True)
    gains = np.zeros((subject.max() + 1, expression.max() + 1))
    sizes = np.zeros_like(gains)
    np.add.at(gains, (subject, expression), pairs.first.astype(np.int64) - pairs.second)
    np.add.at(sizes, (subject, expression), 1)
    shares = (gains / sizes.sum(axis=0)).mean(axis=1)  # what each subject adds to the difference
    drawn = draws @ sizes
    present = drawn > 0
    recalls = np.divide(draws @ gains, drawn, out=np.zeros(drawn.shape), where=present)
    return float(shares.sum()), interval(recalls.sum(axis=1) / present.sum(axis=1)), sign_flip_test(shares, seed)


def subject_sums(
    subjects: Sequence[str], values: Int[np.ndarray, "answer"]
) -> tuple[Int[np.ndarray, "subject"], Int[np.ndarray, "subject"]]:
    """The sum of each subject's values, and how many there are."""
    _, group = np.unique(np.array(subjects), return_inverse=True)
    return np.bincount(group, weights=values).round().astype(np.int64), np.bincount(group)
