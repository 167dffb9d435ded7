"""Nobody is both trained on and tested on; folds partition the subjects; draws depend on the seed."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gcnet_core.data.splits import fold_of_subject, split_samples
from gcnet_core.plugin_api import Sample, UserError
from gcnet_core.recipe.schema import SplitConfig


def make_samples(subjects: int, images: int = 3) -> list[Sample]:
    return [
        Sample(f"{subject}-{image}", f"s{subject}", "anger", fold=subject % 3)
        for subject in range(subjects)
        for image in range(images)
    ]


def subjects_of(samples: list[Sample], rows: np.ndarray) -> set[str | None]:
    return {samples[row].subject for row in rows}


def test_published_parts_are_taken_as_they_are_and_need_no_subjects() -> None:
    usage = ("train", "test", "train", "validation", "test")
    samples = [Sample(f"{number}", None, "anger", usage=part) for number, part in enumerate(usage)]  # type: ignore[arg-type]
    split = split_samples(samples, SplitConfig(scheme="official"), 0, 0)
    assert split.train.tolist() == [0, 2]
    assert split.validation.tolist() == [3]
    assert split.test.tolist() == [1, 4]
    assert set(fold_of_subject(samples, SplitConfig(scheme="official"), 0).values()) == {0}
    with pytest.raises(UserError, match="no training or no test images"):
        split_samples([sample for sample in samples if sample.usage != "test"], SplitConfig(scheme="official"), 0, 0)


@settings(deadline=None)
@given(
    subjects=st.integers(6, 40), folds=st.integers(2, 6), seed=st.integers(0, 99), validation=st.sampled_from([0, 0.3])
)
def test_no_subject_is_in_two_parts_and_no_sample_is_lost(
    subjects: int, folds: int, seed: int, validation: float
) -> None:
    samples = make_samples(subjects)
    tested: list[int] = []
    for fold in range(folds):
        split = split_samples(samples, SplitConfig(folds=folds, validation=validation), seed, fold)
        parts = [subjects_of(samples, rows) for rows in (split.train, split.validation, split.test)]
        for one, other in combinations(parts, 2):
            assert not one & other
        assert bool(len(split.validation)) == (validation > 0)
        together = np.concatenate([split.train, split.validation, split.test])
        assert sorted(together) == list(range(len(samples)))
        tested += list(split.test)
    assert sorted(tested) == list(range(len(samples)))  # each sample is tested exactly once


def test_folds_depend_on_the_seed_alone() -> None:
    samples = make_samples(20)
    first, again, other = (split_samples(samples, SplitConfig(), seed, 0).test for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_fold_sizes_differ_by_one_subject_at_most() -> None:
    samples = make_samples(23, images=1)
    sizes = [len(split_samples(samples, SplitConfig(folds=5), 0, fold).test) for fold in range(5)]
    assert sorted(sizes) == [4, 4, 5, 5, 5]


def test_official_folds_are_taken_as_they_are() -> None:
    samples = make_samples(9)
    split = split_samples(samples, SplitConfig(scheme="official"), 0, 2)
    assert subjects_of(samples, split.test) == {"s2", "s5", "s8"}


def test_fewer_training_subjects_are_among_more_and_leave_the_test_alone() -> None:
    samples = make_samples(20)
    whole, eight, four = (
        split_samples(samples, SplitConfig(validation=0.2, training_subjects=count), 3, 1) for count in (None, 8, 4)
    )
    assert len(subjects_of(samples, eight.train)) == 8
    assert len(subjects_of(samples, four.train)) == 4
    assert subjects_of(samples, four.train) < subjects_of(samples, eight.train) < subjects_of(samples, whole.train)
    for fewer in (eight, four):
        assert np.array_equal(fewer.test, whole.test)
        assert np.array_equal(fewer.validation, whole.validation)
        assert len(fewer.train) == 3 * len(subjects_of(samples, fewer.train))  # all pictures of each


@pytest.mark.parametrize(
    ("samples", "config", "fold", "message"),
    [
        ([Sample("x.png", None, "anger")], SplitConfig(), 0, "1 images have no subject (first: x.png)"),
        (make_samples(3), SplitConfig(folds=5), 0, "5 folds need at least as many subjects; the data has 3"),
        (make_samples(9), SplitConfig(scheme="official"), 7, "fold 7 has no subjects; the folds are [0, 1, 2]"),
        ([Sample("x", "s", "anger")], SplitConfig(scheme="official"), 0, "x has none; use `subjects`"),
        (
            [Sample("x", "s", "anger", fold=0), Sample("y", "s", "fear", fold=1)],
            SplitConfig(scheme="official"),
            0,
            "subject s is in the published folds 0 and 1",
        ),
        (make_samples(4), SplitConfig(folds=2, validation=0.8), 0, "2 training subjects are too few"),
        (make_samples(10), SplitConfig(training_subjects=9), 0, "fold 0 has 8 subjects to train on, not 9"),
        (
            [Sample("x", None, "anger", usage="train"), Sample("y", None, "anger", usage="test")],
            SplitConfig(scheme="official", training_subjects=1),
            0,
            "know no subjects that could be counted",
        ),
    ],
)
def test_what_cannot_be_split_says_why(samples: list[Sample], config: SplitConfig, fold: int, message: str) -> None:
    with pytest.raises(UserError) as error:
        split_samples(samples, config, 0, fold)
    assert message in str(error.value)


def test_published_folds_of_ckplus(faces) -> None:
    from gcnet_datasets.files.manifest import ManifestConfig

    samples = ManifestConfig(folder=str(faces / "ckplus48")).samples()
    sizes = [len(split_samples(samples, SplitConfig(scheme="official"), 0, fold).test) for fold in range(10)]
    assert sizes == [78, 72, 114, 90, 90, 93, 111, 108, 114, 111]
