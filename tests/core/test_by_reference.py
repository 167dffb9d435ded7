"""Accuracy by what is given beside the query: the same images, each way of asking once."""

from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from gcnet_core.data.albums import with_albums
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.evaluation.album_counts import albums_at_test, counts_together, told
from gcnet_core.evaluation.by_reference import metrics_by_reference
from gcnet_core.evaluation.measure import measure
from gcnet_core.interfaces import Batch, Model, Output
from gcnet_core.plugin_api import ModelConfig
from gcnet_core.recipe import Recipe
from gcnet_core.recipe.schema import AlbumConfig
from gcnet_core.runs import AlbumCounts, Predictions
from tests.core.toy import CONTEXT, toy_recipe, toy_table

ROWS = np.arange(40)


def recipe(source: str = "any", size: int = 2) -> Recipe:
    return toy_recipe().model_copy(update={"album": AlbumConfig(source=source, size=size)})  # type: ignore[arg-type]


def table(*, known: int = 40, source: str = "any", size: int = 2) -> FaceTable:
    """People of four pictures; the first `known` samples have another neutral picture."""
    faces = toy_table()
    given = torch.where(torch.arange(40) < known, faces.reference.roll(1), UNKNOWN)
    return with_albums(replace(faces, true_reference=given), recipe(source, size))


class AlbumUser(ModelConfig):
    def uses_album(self) -> bool:
        return True


class Needy(ModelConfig):
    def needs_true_reference(self) -> bool:
        return True


class Grateful(Model):
    """Right where it is given an album, and by a true neutral picture where the query is neutral; keeps what it saw."""

    def __init__(self, config: ModelConfig, compares: bool = True) -> None:
        super().__init__(config, CONTEXT)
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.compares, self.asked = compares, list[tuple[bool, bool, int]]()

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        album, neutral = batch.has_album.any(dim=1), batch.has_true_reference
        if len(batch) > 1:
            self.asked.append((bool(album.any()), bool(neutral.any()), len(batch)))
        angry = batch.query[:, 0, 6].mean(dim=1) > 0.5
        logits = torch.stack([(~angry & (album | neutral)).float(), (angry & album).float()], dim=1)
        logits[:, 1] += 0.1  # anger where nothing is known
        codes: Tensor | None = batch.query.flatten(1) if self.compares else None
        return Output(features=batch.query.flatten(1), query_code=codes, logits=logits)


def measured(model: Model, faces: FaceTable):  # type: ignore[no-untyped-def]
    return measure(model.eval(), faces, ROWS, ROWS, recipe(), None)


def test_a_model_is_measured_by_everything_that_it_can_be_given_and_asked_once_each() -> None:
    model = Grateful(AlbumUser())
    found = measured(model, table())
    assert {name: metrics.accuracy for name, metrics in found.by_reference.items()} == {
        "query": 0.5, "album": 1.0, "true_neutral": 1.0, "all": 1.0,
    }  # fmt: skip
    assert sorted(model.asked) == [(False, False, 40), (False, True, 40), (True, False, 40), (True, True, 40)]
    assert found.test == found.by_reference["album"]  # it was trained so
    assert found.true_reference == found.by_reference["all"]


def test_a_model_that_was_trained_without_albums_is_tested_without() -> None:
    model = Grateful(ModelConfig())
    found = measured(model, table())
    assert found.test == found.by_reference["query"]
    assert found.true_reference == found.by_reference["true_neutral"]
    assert found.by_reference["album"].accuracy == 1


def test_without_albums_nothing_is_asked_that_was_not_asked_before() -> None:
    model = Grateful(ModelConfig())
    found = measured(model, replace(table(), albums=None))
    assert sorted(model.asked) == [(False, False, 40), (False, True, 40)]
    assert set(found.by_reference) == {"query", "true_neutral"}
    assert found.album is None


def test_a_model_that_cannot_do_without_a_true_neutral_is_never_asked_without() -> None:
    model = Grateful(Needy())
    found = measured(model, table())
    assert set(found.by_reference) == {"true_neutral", "all"}
    assert sorted(model.asked) == [(False, True, 40), (True, True, 40)]
    assert found.test == found.true_reference == found.by_reference["true_neutral"]


def test_a_model_that_compares_with_nothing_has_no_such_figures() -> None:
    model = Grateful(ModelConfig(), compares=False)
    found = measured(model, table())
    assert found.by_reference == {}
    assert model.asked == [(False, False, 40)]


def test_figures_stand_on_the_images_that_have_everything() -> None:
    model = Grateful(AlbumUser())
    found = measured(model, table(known=12))
    assert {metrics.images for metrics in found.by_reference.values()} == {12}
    assert (found.test.images, found.true_reference.images) == (40, 12)
    assert {name: len(answers) for name, answers in found.predictions_by_reference.items()} == {
        "query": 40, "album": 40, "true_neutral": 12, "all": 12,
    }  # fmt: skip


def answers(*images: str, right: bool = True) -> Predictions:
    return Predictions(
        images, ("",) * len(images), np.zeros(len(images), dtype=np.int64),
        np.tile([0.9, 0.1] if right else [0.1, 0.9], (len(images), 1)), ("neutral", "anger"),
    )  # fmt: skip


def test_trials_together_are_matched_within_each_and_only_by_what_all_have() -> None:
    first = {"query": answers("a", "b", "c"), "album": answers("b", "c", right=False)}
    second = {"query": answers("b", "d"), "album": answers("d"), "all": answers("d")}
    together = metrics_by_reference([first, second], 100, 0)  # type: ignore[list-item]
    assert {name: metrics.images for name, metrics in together.items()} == {"query": 3, "album": 3}
    assert together["album"].accuracy == pytest.approx(1 / 3)
    apart = metrics_by_reference([{"query": answers("a", "b"), "album": answers("c")}], 100, 0)
    assert {name: metrics.images for name, metrics in apart.items()} == {"query": 2, "album": 1}


def test_some_rows_of_predictions_are_predictions() -> None:
    some = answers("a", "b", "c").rows(np.array([2, 0]))
    assert some.images == ("c", "a")
    assert len(some) == 2


def test_albums_are_counted() -> None:
    faces = table(size=3)
    counts = albums_at_test(faces, ROWS)
    assert counts == AlbumCounts(
        source="any", size=3, expressions="random", images=40, full=40, fewer=0, none=0, mean_pictures=3, largest=3,
        twins_left_out=0,
    )  # fmt: skip
    assert albums_at_test(replace(faces, albums=None), ROWS) is None
    assert counts_together([counts, None]) is None
    both = counts_together([counts, counts.model_copy(update={"images": 10, "mean_pictures": 1.0, "none": 2})])
    assert (both.images, both.none, both.mean_pictures) == (50, 2, pytest.approx(130 / 50))  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "album: 4 pictures of another session, for each of 632 images"),
        ({"full": 617, "fewer": 12, "none": 3, "twins_left_out": 5},
         "album: 4 pictures of another session; 12 of 632 images have fewer, 3 none; 5 twins of a query left out"),
        ({"size": 8, "full": 0, "fewer": 632},
         "album: 8 pictures of another session; 632 of 632 images have fewer, 0 none; no person has 8; the largest "
         "album has 4"),
        ({"source": "any", "size": 1, "expressions": "same", "twins_left_out": 1},
         "album: 1 picture of the same person, chosen by expression: same, for each of 632 images; 1 twin of a query "
         "left out"),
        ({"size": 0, "full": 0, "none": 632}, "album: none, the query alone"),
    ],
)  # fmt: skip
def test_what_is_said_of_albums(changes: dict[str, object], line: str) -> None:
    counts = AlbumCounts(
        source="other_session", size=4, expressions="random", images=632, full=632, fewer=0, none=0, mean_pictures=4.0,
        largest=4, twins_left_out=0,
    )  # fmt: skip
    assert told(counts.model_copy(update=changes)) == line
