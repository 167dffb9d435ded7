"""The figures of a comparison from the run folders of its jobs."""

import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from gcnet_core.comparison.plan import Job
from gcnet_core.evaluation.folds import mean_of_trials
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.evaluation.paired import Trial, pair_up, paired_comparison
from gcnet_core.evaluation.predictions import Predictions, concatenate
from gcnet_core.evaluation.references import pooled_errors
from gcnet_core.evaluation.significance import holm
from gcnet_core.experiment.folder import SUMMARY
from gcnet_core.experiment.measure import PREDICTIONS
from gcnet_core.recipe import Candidate

Done = Mapping[str, Mapping[Trial, Job]]
"""Finished jobs by candidate and trial."""


def candidate_figures(candidate: Candidate, jobs: Sequence[Job], planned: int) -> dict[str, Any]:
    """Figures of one candidate over its finished jobs.

    Args:
        candidate: the recipe.
        jobs: finished ones, at least one.
        planned: how many there should be.

    Returns:
        `name`, `summary`, `jobs`, `planned`, `mean_of_folds` with `mean_of_folds_interval`, the entries of
        `classification_metrics` over all answers, `generator` and `true_reference` where all jobs have them,
        `parameters`, `seconds` (mean of a job), and `trials` (seed, fold, accuracy and seconds of each).
    """
    bootstrap, seed = candidate.recipe.evaluation.bootstrap, candidate.recipe.seed
    summaries = [json.loads((job.folder / SUMMARY).read_text(encoding="utf-8")) for job in jobs]
    predictions = [Predictions.read_csv(job.folder / PREDICTIONS) for job in jobs]
    mean, mean_interval = mean_of_trials(predictions, bootstrap, seed)
    metrics = classification_metrics(concatenate(predictions), bootstrap, seed)
    given = [summary["true_reference"] for summary in summaries if summary["true_reference"]]
    return {
        "name": candidate.name,
        "summary": candidate.recipe.summary,
        "jobs": len(jobs),
        "planned": planned,
        "mean_of_folds": mean,
        "mean_of_folds_interval": mean_interval,
        **metrics,
        "answers": metrics["images"],
        "images": len({image for part in predictions for image in part.images}),
        "generator": pooled_errors([summary["generator"] for summary in summaries]),
        "true_reference": pooled_accuracy(given) if len(given) == len(jobs) else None,
        "parameters": summaries[0]["parameters"]["total"],
        "seconds": float(np.mean([summary["seconds"]["total"] for summary in summaries])),
        "trials": [
            {
                "seed": job.trial[0],
                "fold": job.trial[1],
                "accuracy": summary["test"]["accuracy"],
                "seconds": summary["seconds"]["total"],
            }
            for job, summary in zip(jobs, summaries, strict=True)
        ],
    }


def pooled_accuracy(metrics: Sequence[dict[str, Any]]) -> float:
    """Accuracy over the images of several measurements, each image weighing the same."""
    images = sum(entry["images"] for entry in metrics)
    return float(sum(entry["accuracy"] * entry["images"] for entry in metrics) / images)


def pair_figures(candidates: Sequence[Candidate], done: Done) -> list[dict[str, Any]]:
    """Paired tests of every two candidates.

    Args:
        candidates: in the order of the table.
        done: their finished jobs.

    Returns:
        For each pair `first`, `second`, the entries of `paired_comparison`, and `p_corrected` and
        `p_balanced_corrected` for the number of pairs.
    """
    answers = {
        name: {trial: Predictions.read_csv(job.folder / PREDICTIONS) for trial, job in jobs.items()}
        for name, jobs in done.items()
    }
    pairs = []
    for first, second in combinations((candidate for candidate in candidates if candidate.name in done), 2):
        bootstrap, seed = first.recipe.evaluation.bootstrap, first.recipe.seed
        both = pair_up(answers[first.name], answers[second.name])
        figures = paired_comparison(both, share_tested(list(done[first.name].values())), bootstrap, seed)
        pairs.append({"first": first.name, "second": second.name, **figures})
    for name in ("p", "p_balanced"):
        for pair, corrected in zip(pairs, holm([pair[name] for pair in pairs]), strict=True):
            pair[f"{name}_corrected"] = corrected
    return pairs


def share_tested(jobs: Sequence[Job]) -> float:
    """Mean number of test images over that of training images."""
    splits = [json.loads((job.folder / SUMMARY).read_text(encoding="utf-8"))["split"] for job in jobs]
    return float(np.mean([split["test"]["images"] / split["train"]["images"] for split in splits]))
