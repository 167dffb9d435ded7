"""Records of a comparison: comparison.json."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gcnet_core.runs.metrics import GeneratorErrors, Given, Metrics
from gcnet_core.runs.record import Interval, Record


class TrialFigures(Record):
    """One seed on one fold of one recipe."""

    seed: int
    fold: int
    accuracy: float
    seconds: float


class CandidateFigures(Record):
    """What stands first of a recipe.

    Args:
        name: of the candidate.
        summary: what the recipe says of itself.
        jobs: finished ones.
        planned: how many there should be.
        mean_of_folds: mean accuracy of the trials, each weighing the same.
        mean_of_folds_interval: over subjects.
    """

    name: str
    summary: str
    jobs: int
    planned: int
    mean_of_folds: float
    mean_of_folds_interval: Interval


class RecipeFigures(Metrics, CandidateFigures):
    """One recipe over its finished jobs: `Metrics` of all answers, and these.

    Args:
        images: different ones; an image is answered for once a seed.
        answers: their number.
        generator: errors of the generated references, if all jobs have them.
        true_reference: accuracy with a real reference, if all jobs have it.
        by_reference: figures by what is given beside the query, on the same images, as far as all jobs have them.
        parameters: of the model.
        seconds: mean of a job.
        trials: each seed and fold.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = {"given_reference": "true_reference"}

    answers: int
    generator: GeneratorErrors | None
    true_reference: float | None
    by_reference: dict[Given, Metrics] = Field(default_factory=dict)
    parameters: int
    seconds: float
    trials: tuple[TrialFigures, ...]


class Pair(Record):
    """Names of two candidates."""

    first: str
    second: str


class PairedMetrics(Record):
    """Two recipes on the same images of the same trials; made by `paired_comparison`. None without such images.

    Args:
        images: answers that both gave.
        subjects: whose they are.
        trials: in which.
        difference: accuracy of the first minus that of the second.
        interval: of the difference, over subjects.
        only_first: answers that only the first got right.
        only_second: answers that only the second got right.
        p: sign-flip permutation test over subjects.
        p_folds: corrected resampled t-test over trials; None below two trials.
        effect_size: Cohen's d of the differences of subjects; None if they are all equal.
        balanced_difference: mean recall of the first minus that of the second.
        balanced_interval: of this difference, over subjects.
        p_balanced: as `p`.
    """

    images: int
    subjects: int
    trials: int
    difference: float | None
    interval: Interval | None
    only_first: int | None
    only_second: int | None
    p: float | None
    p_folds: float | None
    effect_size: float | None
    balanced_difference: float | None = None
    balanced_interval: Interval | None = None
    p_balanced: float | None = None


class PairFigures(PairedMetrics, Pair):
    """`PairedMetrics` of a pair of recipes, and these.

    Args:
        p_corrected: `p` for the number of pairs (Holm).
        p_balanced_corrected: `p_balanced` likewise.
    """

    p_corrected: float | None
    p_balanced_corrected: float | None = None

    @property
    def better(self) -> str | None:
        """The recipe that the corrected test finds better at the level of 5 %; None if it tells no two apart."""
        if self.difference is None or self.p_corrected is None or self.p_corrected >= 0.05:
            return None
        return self.first if self.difference > 0 else self.second


class CrossDatasetEntry(Record):
    """A recipe and other data, on which its models were not measured.

    Args:
        recipe: name of the candidate.
        data: name of the other data.
        overlap: `same` where they are the recipe's own, whose figures are those of its folds; `some` where it trained
            on people among them.
    """

    recipe: str
    data: str
    overlap: Literal["none", "same", "some"]


class CrossDatasetFigures(Metrics, CrossDatasetEntry):
    """A recipe on other data: `Metrics` of the answers of all jobs, and these.

    Args:
        jobs: how many measured.
        skipped: images without a class of the model, or without a reference that it needs.
        common: classes that images and model have in common.
    """

    jobs: int
    skipped: int
    common: tuple[str, ...]


class FailedJob(Record):
    """A job without a result, why, and the file with all that it said."""

    job: str
    reason: str
    log: str


class Verdict(Record):
    """What a recipe made of an image: the share of its trials that were right, and what it said most often."""

    right: float
    said: str


class Disagreement(Record):
    """An image that some recipes recognize and others do not."""

    image: str
    subject: str
    expression: str
    verdicts: dict[str, Verdict]


class Comparison(Record):
    """comparison.json.

    Args:
        recipes: in the order of the table.
        pairs: each two of them.
        cross_dataset: each recipe on each of the other data.
        failures: jobs without a result.
        disagreements: the clearest first.
        features: by recipe the folder, inside the comparison, of the run whose features are shown.
        versions: of what the result depends on.
        files: SHA-256 of the pictures, by name of their file; none in comparisons of gcnet 0.5 and older.
    """

    renamed_keys: ClassVar[Mapping[str, str]] = {"across": "cross_dataset"}

    recipes: tuple[RecipeFigures, ...]
    pairs: tuple[PairFigures, ...]
    cross_dataset: tuple[
        Annotated[CrossDatasetFigures | CrossDatasetEntry, Field(union_mode="left_to_right")], ...
    ] = ()
    failures: tuple[FailedJob, ...]
    disagreements: tuple[Disagreement, ...]
    features: dict[str, str]
    versions: dict[str, str]
    files: dict[str, str] = Field(default_factory=dict)
