"""Splits: nobody's face is both trained on and tested on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from gcnet_core.data.randomness import keyed_generator
from gcnet_core.plugin_api import UserError
from gcnet_core.plugin_api.samples import Sample
from gcnet_core.recipe.schema import SplitConfig


@dataclass(frozen=True)
class Split:
    """Row numbers of the samples that train, that guide choices, and that are tested."""

    train: Int[np.ndarray, "train"]
    validation: Int[np.ndarray, "validation"]
    test: Int[np.ndarray, "test"]


def split_samples(samples: Sequence[Sample], config: SplitConfig, seed: int, fold: int) -> Split:
    """Divide samples by subject.

    Args:
        samples: of one data set.
        config: scheme, number of folds and validation share.
        seed: key of the draw.
        fold: the tested fold, from 0.

    Returns:
        Three disjoint sets of row numbers that share no subject.

    Raises:
        UserError: if subjects or published folds are unknown, a subject is in two published folds, or a fold is empty.
    """
    added = np.array([sample.train_only for sample in samples], dtype=bool)
    if added.any():
        return _with_added(samples, added, config, seed, fold)
    if _uses_published_parts(samples, config):
        if config.training_subjects:
            raise UserError("split.training_subjects: the published parts know no subjects that could be counted")
        return _published_parts(samples)
    _check_subjects(samples)
    folds = fold_of_subject(samples, config, seed)
    testing = {subject for subject, number in folds.items() if number == fold}
    if not testing:
        raise UserError(f"split.fold: fold {fold} has no subjects; the folds are {sorted(set(folds.values()))}")
    others = sorted(set(folds) - testing)
    validating, training = _validation_subjects(others, config, seed, fold)
    training = _limited(training, config, fold)

    def rows(chosen: Iterable[str]) -> Int[np.ndarray, "row"]:
        wanted = set(chosen)
        return np.flatnonzero([sample.subject in wanted for sample in samples])

    return Split(rows(training), rows(validating), rows(testing))


def _with_added(
    samples: Sequence[Sample], added: Bool[np.ndarray, "sample"], config: SplitConfig, seed: int, fold: int
) -> Split:
    """The split of the samples that may be tested; those that are only added train beside them."""
    own = np.flatnonzero(~added)
    split = split_samples([sample for sample in samples if not sample.train_only], config, seed, fold)
    training = np.sort(np.append(own[split.train], np.flatnonzero(added)))
    return Split(training, own[split.validation], own[split.test])


def _check_subjects(samples: Sequence[Sample]) -> None:
    unknown = [sample.image for sample in samples if sample.subject is None]
    if unknown:
        raise UserError(
            f"{len(unknown)} images have no subject (first: {unknown[0]}), so no split can keep people apart; "
            "give the data a subject column or pattern"
        )


def _validation_subjects(
    subjects: Sequence[str], config: SplitConfig, seed: int, fold: int
) -> tuple[list[str], list[str]]:
    """Those who guide choices, drawn, and those who train, in the order of the draw."""
    order = keyed_generator(seed, "validation", fold).permutation(len(subjects))
    count = round(config.validation * len(subjects))
    if config.validation > 0:
        count = max(count, 1)
    if count >= len(subjects):
        raise UserError(f"split: {len(subjects)} training subjects are too few; lower split.validation or split.folds")
    drawn = [subjects[index] for index in order]
    return drawn[:count], drawn[count:]


def _limited(training: list[str], config: SplitConfig, fold: int) -> list[str]:
    """As many of the training subjects as the recipe wants."""
    wanted = config.training_subjects
    if wanted and wanted > len(training):
        raise UserError(f"split.training_subjects: fold {fold} has {len(training)} subjects to train on, not {wanted}")
    return training[:wanted] if wanted else training


def fold_of_subject(samples: Sequence[Sample], config: SplitConfig, seed: int) -> dict[str, int]:
    """The fold in which each subject is tested, by the scheme of the recipe."""
    samples = [sample for sample in samples if not sample.train_only]
    if _uses_published_parts(samples, config):
        return {sample.subject or sample.image: 0 for sample in samples}
    if config.scheme == "official":
        return _published_folds(samples)
    return _drawn_folds(samples, config, seed)


def _drawn_folds(samples: Sequence[Sample], config: SplitConfig, seed: int) -> dict[str, int]:
    subjects = sorted({sample.subject for sample in samples if sample.subject is not None})
    if len(subjects) < config.folds:
        raise UserError(
            f"split.folds: {config.folds} folds need at least as many subjects; the data has {len(subjects)}"
        )
    order = keyed_generator(seed, "folds").permutation(len(subjects))
    return {subjects[index]: position % config.folds for position, index in enumerate(order)}


def _uses_published_parts(samples: Sequence[Sample], config: SplitConfig) -> bool:
    """Whether the recipe takes the division into train, validation and test that the data set publishes."""
    return config.scheme == "official" and all(sample.usage for sample in samples)


def _published_parts(samples: Sequence[Sample]) -> Split:
    """The division that the data set publishes; who is in which part is its authors' affair."""
    usage = np.array([sample.usage for sample in samples])
    split = Split(
        np.flatnonzero(usage == "train"), np.flatnonzero(usage == "validation"), np.flatnonzero(usage == "test")
    )
    if not len(split.train) or not len(split.test):
        raise UserError("split.scheme: the published parts hold no training or no test images; check the data set")
    return split


def _published_folds(samples: Sequence[Sample]) -> dict[str, int]:
    folds: dict[str, int] = {}
    for sample in samples:
        if sample.fold is None or sample.subject is None:
            raise UserError(
                f"split.scheme: official needs a fold for each image; {sample.image} has none; use `subjects`"
            )
        if folds.setdefault(sample.subject, sample.fold) != sample.fold:
            raise UserError(
                f"subject {sample.subject} is in the published folds {folds[sample.subject]} and {sample.fold}; "
                "a split of them would test on a person it trained on"
            )
    return folds
