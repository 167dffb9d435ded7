"""The figures of a comparison from the run folders of its jobs."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np

from gcnet_core.evaluation.paired import pair_up, paired_comparison
from gcnet_core.evaluation.significance import holm
from gcnet_core.evaluation.trials import Trial, aggregate
from gcnet_core.recipe import Candidate
from gcnet_core.runs import Run
from gcnet_core.runs.comparison import PairedMetrics, PairFigures, RecipeFigures, TrialFigures

Done = Mapping[str, Mapping[Trial, Run]]
"""Finished jobs by candidate and trial."""


def candidate_figures(candidate: Candidate, trials: Mapping[Trial, Run], planned: int) -> RecipeFigures:
    """Figures of one candidate over its finished jobs.

    Args:
        candidate: the recipe.
        trials: finished ones, at least one.
        planned: how many there should be.
    """
    together = aggregate(trials, candidate.recipe.evaluation.bootstrap, candidate.recipe.seed)
    summaries = [run.summary for run in trials.values()]
    answered = {image for run in trials.values() for image in run.predictions.images}
    return RecipeFigures(
        name=candidate.name,
        summary=candidate.recipe.summary,
        jobs=len(trials),
        planned=planned,
        mean_of_folds=together.mean_of_folds,
        mean_of_folds_interval=together.mean_of_folds_interval,
        **{**dict(together.metrics), "images": len(answered)},
        answers=together.metrics.images,
        generator=together.generator,
        true_reference=together.true_reference.accuracy if together.true_reference else None,
        by_reference=together.by_reference,
        parameters=summaries[0].parameters["total"],
        seconds=float(np.mean([summary.seconds["total"] for summary in summaries])),
        trials=tuple(_trial_figures(trial, run) for trial, run in trials.items()),
    )


def pair_figures(candidates: Sequence[Candidate], done: Done) -> list[PairFigures]:
    """Paired tests of every two candidates, corrected for the number of pairs.

    Args:
        candidates: in the order of the table.
        done: their finished jobs.
    """
    present = [candidate for candidate in candidates if candidate.name in done]
    pairs = list(combinations(present, 2))
    figures = [_paired(first, done[first.name], done[second.name]) for first, second in pairs]
    corrected = holm([pair.p for pair in figures])
    balanced = holm([pair.p_balanced for pair in figures])
    return [
        PairFigures(first=first.name, second=second.name, **dict(pair), p_corrected=p, p_balanced_corrected=p_balanced)
        for (first, second), pair, p, p_balanced in zip(pairs, figures, corrected, balanced, strict=True)
    ]


def share_tested(runs: Iterable[Run]) -> float:
    """Mean number of test images over that of training images."""
    splits = [run.summary.split or {} for run in runs]
    return float(np.mean([split["test"].images / split["train"].images for split in splits]))


def _trial_figures(trial: Trial, run: Run) -> TrialFigures:
    seed, fold = trial
    return TrialFigures(seed=seed, fold=fold, accuracy=run.summary.test.accuracy, seconds=run.summary.seconds["total"])


def _paired(first: Candidate, ours: Mapping[Trial, Run], theirs: Mapping[Trial, Run]) -> PairedMetrics:
    one, other = ({trial: run.predictions for trial, run in runs.items()} for runs in (ours, theirs))
    evaluation, seed = first.recipe.evaluation, first.recipe.seed
    return paired_comparison(pair_up(one, other), share_tested(ours.values()), evaluation.bootstrap, seed)
