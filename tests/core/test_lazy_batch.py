"""Pictures beside the query are made when somebody asks for them, once, and are those that an eager batch holds."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from gcnet_core.data import loader
from gcnet_core.data.faces import UNKNOWN, FaceTable
from gcnet_core.data.loader import make_batch, training_batches
from gcnet_core.interfaces import Batch
from gcnet_core.recipe.schema import AugmentConfig
from tests.core.toy import toy_table

PICTURES = ("reference", "true_reference", "album")
ROWS = np.arange(6)
CPU = torch.device("cpu")


@pytest.fixture
def table() -> FaceTable:
    """The second sample has no reference."""
    table = toy_table()
    reference = table.reference.clone()
    reference[1] = UNKNOWN
    return replace(table, reference=reference)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures were cut each time, beside the queries."""
    counts: list[int] = []
    cut = loader._pictures

    def counted(table: FaceTable, rows: torch.Tensor, device: torch.device) -> torch.Tensor:
        counts.append(rows.numel())
        return cut(table, rows, device)

    monkeypatch.setattr(loader, "_pictures", counted)
    return counts


def test_a_batch_holds_the_pictures_of_its_rows(table: FaceTable) -> None:
    album = np.array([[3, UNKNOWN], [4, 5], [0, 1], [2, 2], [UNKNOWN, UNKNOWN], [7, 6]])
    batch = make_batch(table, ROWS, album)
    for sample in ROWS:
        assert torch.equal(batch.query[sample], table.images[table.query[sample]] / 255)
        row = int(table.reference[sample])
        expected = torch.zeros_like(batch.query[0]) if row == UNKNOWN else table.images[row] / 255
        assert torch.equal(batch.reference[sample], expected)
        assert bool(batch.has_reference[sample]) is (row != UNKNOWN)
        for place, row in enumerate(album[sample].tolist()):
            expected = torch.zeros_like(batch.query[0]) if row == UNKNOWN else table.images[row] / 255
            assert torch.equal(batch.album[sample, place], expected)
            assert bool(batch.has_album[sample, place]) is (row != UNKNOWN)


def test_who_looks_at_the_query_alone_has_nothing_else_made(table: FaceTable, made: list[int]) -> None:
    for (batch,) in training_batches(table, ROWS, 3, AugmentConfig(), seed=0, epoch=0):
        moved = batch.to(CPU, torch.channels_last)
        assert moved.query.is_contiguous(memory_format=torch.channels_last)
        assert moved.unlabelled(true_reference=False).reference.abs().sum() == 0
    assert made == []


def test_a_picture_is_made_once(table: FaceTable, made: list[int]) -> None:
    batch = make_batch(table, ROWS).to(CPU)
    assert batch.reference is batch.reference
    assert made == [len(ROWS)]


def test_changes_reach_what_is_not_made_yet(table: FaceTable) -> None:
    batch = make_batch(table, ROWS, np.array([[row, row + 1] for row in ROWS]))
    eager = Batch(**{entry.name: getattr(batch, entry.name) for entry in fields(Batch)})
    late = make_batch(table, ROWS, np.array([[row, row + 1] for row in ROWS])).mirrored().to(CPU).mirrored().mirrored()
    for name in ("query", *PICTURES):
        assert torch.equal(getattr(late, name), getattr(eager.mirrored(), name))
    assert torch.equal(late.rows(torch.tensor([2])).album, eager.mirrored().album[2:3])


def test_pictures_are_exact_wherever_they_are_first_asked_for(table: FaceTable) -> None:
    """A grid of coordinates in bfloat16 would move pictures by a pixel; tensors of inference cannot be trained on."""
    config = AugmentConfig()

    def first() -> Batch:
        return next(training_batches(table, ROWS, 6, config, seed=0, epoch=0))[0]

    expected = first().reference
    in_training = first()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(in_training.reference, expected)
    late = first()
    with torch.inference_mode():
        assert torch.equal(late.reference, expected)
    assert not late.reference.is_inference()


def test_a_batch_has_no_other_entries(table: FaceTable) -> None:
    with pytest.raises(AttributeError, match="has no nonsense"):
        make_batch(table, ROWS).nonsense  # type: ignore[attr-defined]  # noqa: B018
