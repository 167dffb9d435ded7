"""What a comparison will run: each recipe with each seed on each fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gcnet_core.data.cross_dataset import CrossDataset, overlap
from gcnet_core.data.load import list_samples
from gcnet_core.data.splits import fold_of_subject
from gcnet_core.evaluation.trials import Trial
from gcnet_core.plugin_api import Registry, UserError
from gcnet_core.recipe import Candidate, Recipe
from gcnet_core.runs.files import cross_dataset_predictions, job_folder


@dataclass(frozen=True, eq=False)
class Job:
    """One candidate with one seed on one fold.

    Args:
        candidate: what is trained.
        trial: seed and fold.
        folder: of its run.
        others: data on which its model is measured too.
        smoke: whether it trains a few steps only, so that its figures mean nothing.
    """

    candidate: Candidate
    trial: Trial
    folder: Path
    others: Sequence[CrossDataset] = ()
    smoke: bool = False

    @property
    def recipe(self) -> Recipe:
        """The recipe with the seed and the fold of this job."""
        return self.candidate.recipe.of_trial(*self.trial)

    def answers(self, other: CrossDataset) -> Path:
        """The file with its predictions on other data."""
        return cross_dataset_predictions(self.folder, other.slug)

    def __str__(self) -> str:
        return f"{self.candidate.name}, seed {self.trial[0]}, fold {self.trial[1]}"


def plan(
    candidates: Sequence[Candidate],
    seeds: int,
    folds: Sequence[int] | None,
    folder: Path,
    registry: Registry,
    others: Sequence[CrossDataset] = (),
    smoke: bool = False,
) -> list[Job]:
    """All jobs, so ordered that every candidate meets the first trial before any meets the second.

    Args:
        candidates: of one comparison.
        seeds: how many, from 0.
        folds: those to be tested; None: all that a recipe has.
        folder: of the comparison.
        registry: where data sets are found.
        others: data on which every model is measured too, unless it trained on them.
        smoke: whether jobs train a few steps only.

    Raises:
        UserError: if a recipe has no such fold, or its data cannot be split.
        MissingData: if its data are not there.
    """
    jobs = []
    for candidate in candidates:
        unseen = [other for other in others if overlap(candidate.recipe.data_sets, other.data) == "none"]
        for seed in range(seeds):
            for fold in _folds(candidate, seed, folds, registry):
                run = job_folder(folder, candidate.slug, seed, fold)
                jobs.append(Job(candidate, (seed, fold), run, unseen, smoke))
    return sorted(jobs, key=lambda job: job.trial)  # stable: candidates stay in their order within a trial


def _folds(candidate: Candidate, seed: int, wanted: Sequence[int] | None, registry: Registry) -> list[int]:
    recipe = candidate.recipe
    samples = list_samples(recipe.data_sets, recipe.labels, recipe.image, registry).samples
    existing = sorted(set(fold_of_subject(samples, recipe.split, seed).values()))
    missing = sorted(set(wanted or ()) - set(existing))
    if missing:
        raise UserError(
            f"--folds: {candidate.name} has no fold {missing[0]}; its folds are {', '.join(map(str, existing))}"
        )
    return existing if wanted is None else sorted(set(wanted))
