"""No label where none belongs: what a model sees at test, and a generator ever, is made of pictures alone."""

import sys
from collections.abc import Set as AbstractSet
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from gcnet_core.data.loader import make_batch
from gcnet_core.inference.predict import predict
from gcnet_core.interfaces import (
    Batch,
    Estimate,
    Generator,
    Model,
    Output,
    Phase,
    ReferencePairs,
    generator_output,
    generator_phases,
)
from gcnet_core.plugin_api import GeneratorConfig, ModelConfig, PluginError, RunFailed
from tests.core.toy import CONTEXT, toy_table

TABLE = toy_table()
TABLE = replace(TABLE, true_reference=TABLE.reference.roll(1))  # as if each person had another neutral picture
ROWS = np.arange(len(TABLE))


class Needy(ModelConfig):
    def needs_true_reference(self) -> bool:
        return True


class Spy(Model):
    """Keeps what it is shown."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, CONTEXT)
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.seen: list[Batch] = []

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        self.seen.append(batch)
        return Output(features=batch.query.flatten(1), logits=torch.zeros(len(batch), 2))


class Keen(Generator):
    """Says what it is shown, in training and in a phase of its own."""

    def __init__(self) -> None:
        super().__init__(GeneratorConfig(), CONTEXT)
        self.seen: list[Any] = []

    def forward(self, query: Tensor) -> Tensor:
        self.seen.append(query)
        return query

    def training_step(self, pairs: ReferencePairs) -> Estimate:
        self.seen.append(pairs)
        return Estimate(pairs.query)

    def phases(self) -> list[Phase]:
        return [Phase("look", [self], self.look)]

    def look(self, pairs: ReferencePairs) -> dict[str, Tensor]:
        self.seen.append(pairs)
        return {"look": pairs.query.sum()}


@pytest.mark.parametrize("flip", [False, True])
def test_at_test_a_model_sees_the_query_and_nothing_that_a_user_would_not_have(flip: bool) -> None:
    spy = Spy(ModelConfig()).eval()
    predict(spy, TABLE, ROWS, flip=flip)
    for batch in spy.seen:
        assert (batch.label == -1).all()
        assert (batch.sample == -1).all()
        for name in ("votes", "neutral", "reference", "has_reference", "true_reference", "has_true_reference"):
            assert not getattr(batch, name).any()
    assert TABLE.label[torch.as_tensor(ROWS)].any(), "the table has labels that could have been seen"
    assert make_batch(TABLE, ROWS).has_reference.all()


@pytest.mark.parametrize(("config", "asked"), [(ModelConfig(), True), (Needy(), False), (Needy(), True)])
def test_a_true_reference_is_shown_where_it_is_asked_for_or_the_model_cannot_do_without(
    config: ModelConfig, asked: bool
) -> None:
    spy = Spy(config).eval()
    predict(spy, TABLE, ROWS, true_reference=asked)
    shown = {picture.numpy().tobytes() for batch in spy.seen for picture in batch.true_reference}
    whole = make_batch(TABLE, ROWS)
    assert shown == {picture.numpy().tobytes() for picture in whole.true_reference}
    assert whole.has_true_reference.any()
    assert all((batch.label == -1).all() and not batch.has_reference.any() for batch in spy.seen)


def test_a_generator_is_shown_the_query_at_test_and_pairs_in_training() -> None:
    keen, batch = Keen(), make_batch(TABLE, ROWS)
    generator_output(keen.train(), batch, with_reference=True)
    generator_output(keen, batch, with_reference=False)
    (phase,) = generator_phases(keen)
    phase.loss(batch)
    assert [type(seen) for seen in keen.seen] == 3 * [ReferencePairs]
    assert [entry.name for entry in fields(ReferencePairs)] == ["query", "reference", "has_reference"]
    keen.seen.clear()
    generator_output(keen.eval(), batch, with_reference=True)
    generator_output(keen, batch, with_reference=False)
    (shown,) = keen.seen
    assert shown is batch.query


@pytest.mark.parametrize("name", ["predict", "respond"])
def test_a_generator_that_wants_to_answer_from_a_whole_batch_is_refused(name: str) -> None:
    with pytest.raises(TypeError, match=f"Old.{name} is called forward"):
        type("Old", (Generator,), {name: lambda self, batch: batch.reference})


class ByPlace(Spy):
    """Answers by the place of a picture in its batch, as if it knew that people and expressions take turns."""

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        place = torch.arange(len(batch)) % 2
        return Output(features=batch.query.flatten(1), logits=torch.nn.functional.one_hot(place, 2).float())


class ByNeighbours(Spy):
    """Answers by what the other pictures of the batch show."""

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        level = 100 * batch.query.mean(dim=(1, 2, 3))
        logits = torch.stack([level - level.mean(), torch.zeros_like(level)], dim=1)
        return Output(features=batch.query.flatten(1), logits=logits)


class NotANumber(Spy):
    """Answers by what is no number."""

    def forward(self, batch: Batch, required_outputs: AbstractSet[str], *, true_reference: bool = False) -> Output:
        return Output(features=batch.query.flatten(1), logits=torch.full((len(batch), 2), float("nan")))


def test_the_place_of_a_picture_in_a_batch_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["gcnet_core.inference.predict"], "ALIKE", 9.0)  # or it would be caught at once
    answers = predict(ByPlace(ModelConfig()).eval(), TABLE, ROWS)
    assert 0.25 < answers.predictions.correct.mean() < 0.75
    assert answers.predictions.images == tuple(sample.image for sample in TABLE.samples)


def test_answers_are_in_the_order_of_the_samples() -> None:
    spy = Spy(ModelConfig()).eval()
    answers = predict(spy, TABLE, ROWS, batch_size=7)
    assert np.array_equal(answers.features, make_batch(TABLE, ROWS).query.flatten(1).numpy())


@pytest.mark.parametrize("model", [ByPlace, ByNeighbours])
def test_a_model_whose_answers_depend_on_each_other_is_refused(model: type[Spy]) -> None:
    with pytest.raises(PluginError, match="a picture is answered otherwise alone than among others"):
        predict(model(ModelConfig()).eval(), TABLE, ROWS)


def test_answers_that_are_no_numbers_are_no_figure() -> None:
    with pytest.raises(RunFailed, match=f"the answers to {len(ROWS)} of {len(ROWS)} pictures are not finite"):
        predict(NotANumber(ModelConfig()).eval(), TABLE, ROWS)
