"""How well a model answers by what it is given beside the query: nothing, an album, a true neutral picture, both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np
import torch
from jaxtyping import Bool, Int

from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.metrics import classification_metrics
from gcnet_core.inference.predict import InferenceResult, Observe, predict
from gcnet_core.interfaces import Model
from gcnet_core.recipe.schema import EvaluationConfig
from gcnet_core.runs import Given, Metrics, Predictions, concatenate

ORDER: tuple[Given, ...] = get_args(Given)
HOLDS: dict[Given, tuple[bool, bool]] = {
    "query": (False, False),
    "album": (True, False),
    "true_neutral": (False, True),
    "all": (True, True),
}
"""Whether an album is given, and whether a true neutral picture is."""


@dataclass
class Answers:
    """Answers of a model to some samples, each way of asking once.

    Args:
        model: in evaluation mode.
        table: all faces.
        indices: the samples.
        config: how to ask.
        fold: written beside the predictions.
        known: what was asked: by album and true neutral picture the samples, as positions, and the answers.
    """

    model: Model
    table: FaceTable
    indices: Int[np.ndarray, "sample"]
    config: EvaluationConfig
    fold: int | None
    known: dict[tuple[bool, bool], tuple[Bool[np.ndarray, "sample"], InferenceResult]] = field(default_factory=dict)

    def ask(
        self,
        *,
        album: bool,
        true_neutral: bool,
        wanted: Bool[np.ndarray, "sample"],
        observe: Observe = lambda positions, output: None,
    ) -> InferenceResult:
        """Ask about some of the samples, and remember the answers.

        Args:
            album: whether the model is given one.
            true_neutral: whether it is given a true neutral picture.
            wanted: which samples, at least one.
            observe: looks at the output of each batch, unless the answers are remembered.
        """
        given = (album, true_neutral)
        if given in self.known and np.array_equal(self.known[given][0], wanted):
            return self.known[given][1]
        answer = predict(
            self.model, self.table, self.indices[wanted],
            batch_size=self.config.batch_size, flip=self.config.flip,
            album=album, true_reference=true_neutral, fold=self.fold, observe=observe,
        )  # fmt: skip
        self.known.setdefault(given, (wanted, answer))
        return answer

    def predictions(self, *, album: bool, true_neutral: bool, wanted: Bool[np.ndarray, "sample"]) -> Predictions:
        """The same; taken from answers to more samples, where there are such."""
        before, answer = self.known.get((album, true_neutral), (np.zeros_like(wanted), None))
        if answer is None or (wanted & ~before).any():
            return self.ask(album=album, true_neutral=true_neutral, wanted=wanted).predictions
        return answer.predictions.rows(np.flatnonzero(wanted[before]))


def predictions_by_reference(answers: Answers, *, takes_true_neutral: bool) -> dict[Given, Predictions]:
    """Answers by what is given, each to the samples for which there is such a thing.

    Args:
        answers: of the model, which may have been asked before.
        takes_true_neutral: whether the model can be given a true neutral picture.

    Returns:
        Nothing for a model that compares with nothing.
    """
    config, table = answers.model.config, answers.table
    if not (takes_true_neutral or config.uses_album()):
        return {}
    album = has_album(table, answers.indices)
    true_neutral = has_true_neutral(table, answers.indices) & takes_true_neutral
    found: dict[Given, Predictions] = {}
    for name, (with_album, with_true_neutral) in HOLDS.items():
        wanted = np.full(len(answers.indices), with_true_neutral or not config.needs_true_reference())
        if with_album:
            wanted &= album
        if with_true_neutral:
            wanted &= true_neutral
        if wanted.any():
            found[name] = answers.predictions(album=with_album, true_neutral=with_true_neutral, wanted=wanted)
    return found


def metrics_by_reference(
    trials: Sequence[Mapping[Given, Predictions]], bootstrap: int, seed: int
) -> dict[Given, Metrics]:
    """Figures by what is given, of one trial or of several together.

    Args:
        trials: the answers of each, at least one.
        bootstrap: number of resamples.
        seed: key of the resampling.

    Returns:
        What all trials have, on the images that have everything; where no image has, each on those that have it.
    """
    names = [name for name in ORDER if all(name in answers for answers in trials)]
    shared = [_on_same_images({name: answers[name] for name in names}) for answers in trials]
    return {
        name: classification_metrics(concatenate([answers[name] for answers in shared]), bootstrap, seed)
        for name in names
    }


def has_album(table: FaceTable, indices: Int[np.ndarray, "sample"]) -> Bool[np.ndarray, "sample"]:
    """Which samples have a picture in their album at test."""
    if table.albums is None:
        return np.zeros(len(indices), dtype=bool)
    return np.asarray((table.albums.test(indices) != UNKNOWN).any(axis=1))


def has_true_neutral(table: FaceTable, indices: Int[np.ndarray, "sample"]) -> Bool[np.ndarray, "sample"]:
    """For which samples another neutral picture of the person exists."""
    return (table.true_reference[torch.as_tensor(indices)] != UNKNOWN).numpy()


def _on_same_images(answers: Mapping[Given, Predictions]) -> Mapping[Given, Predictions]:
    """The answers to images that all have; unchanged where there are none."""
    shared = set.intersection(*(set(predictions.images) for predictions in answers.values())) if answers else set()
    if not shared:
        return answers
    return {
        name: predictions.rows(np.array([row for row, image in enumerate(predictions.images) if image in shared]))
        for name, predictions in answers.items()
    }
