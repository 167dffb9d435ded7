"""Augmentation: keyed per sample, identical for query and reference, against explicit transforms."""

import math
from dataclasses import replace

import numpy as np
import torch

from gcnet_core.data.augment import Augmentation, draw
from gcnet_core.data.loader import make_batch, training_batches
from gcnet_core.recipe.schema import AugmentConfig
from tests.core.toy import toy_table

ONCE = np.zeros(3, dtype=int)  # no sample came before
STILL = AugmentConfig(flip=0, rotation=0, shift=0, scale=0, brightness=0, contrast=0)


def images(count: int = 3, size: int = 16) -> torch.Tensor:
    return torch.rand((count, 1, size, size), generator=torch.Generator().manual_seed(0))


def test_no_change_is_the_identity() -> None:
    assert torch.allclose(Augmentation(draw(0, 0, np.arange(3), ONCE), STILL)(images()), images(), atol=1e-5)


def test_mirror_is_exactly_a_flip() -> None:
    mirrored = Augmentation(draw(0, 0, np.arange(3), ONCE), STILL.model_copy(update={"flip": 1.0}))(images())
    assert torch.allclose(mirrored, images().flip(-1), atol=1e-5)


def test_quarter_turn_is_exactly_a_rotation() -> None:
    draws = torch.zeros(3, 7)
    draws[:, 0], draws[:, 1] = 0.9, 1.0
    turned = Augmentation(draws, STILL.model_copy(update={"rotation": 90.0}))(images())
    assert torch.allclose(turned, images().rot90(1, (2, 3)), atol=1e-4)  # counter-clockwise


def test_places_are_those_of_affine_grid() -> None:
    augmentation = Augmentation(draw(0, 0, np.arange(3), ONCE), AugmentConfig(rotation=40, scale=0.3, shift=0.2))
    augmentation(torch.rand(3, 1, 12, 17))
    expected = torch.nn.functional.affine_grid(augmentation.motion, [3, 1, 12, 17], align_corners=False)
    torch.testing.assert_close(augmentation.grid, expected, atol=1e-6, rtol=0)


def test_shift_by_one_pixel() -> None:
    draws = torch.zeros(3, 7)
    draws[:, 0], draws[:, 3] = 0.9, 1.0
    moved = Augmentation(draws, STILL.model_copy(update={"shift": 1 / 16}))(images())
    assert torch.allclose(moved[..., :-1], images()[..., 1:], atol=1e-4)


def test_brightness_and_contrast_closed_form_and_range() -> None:
    draws = torch.zeros(3, 7)
    draws[:, 0], draws[:, 5], draws[:, 6] = 0.9, 1.0, -1.0
    changed = Augmentation(draws, STILL.model_copy(update={"brightness": 0.2, "contrast": 0.5}))(images())
    assert torch.allclose(changed, ((images() - 0.5) * 0.5 + 0.7).clamp(0, 1), atol=1e-5)
    wild = Augmentation(draw(1, 1, np.arange(3), ONCE), AugmentConfig(brightness=1, contrast=0.9))(images())
    assert wild.min() >= 0
    assert wild.max() <= 1


def test_each_sample_has_its_own_draw_whatever_the_batch() -> None:
    together, alone = draw(5, 2, np.array([7, 3, 11]), ONCE), draw(5, 2, np.array([3]), ONCE[:1])
    assert torch.equal(together[1], alone[0])
    assert len({tuple(row.tolist()) for row in together}) == 3
    assert not torch.equal(draw(5, 3, np.array([3]), ONCE[:1]), alone)  # another epoch
    assert not torch.equal(draw(6, 2, np.array([3]), ONCE[:1]), alone)  # another seed


def test_draws_fill_their_range() -> None:
    draws = draw(0, 0, np.arange(500), np.zeros(500, dtype=int))
    assert draws[:, 0].min() >= 0
    assert abs(float(draws[:, 0].mean()) - 0.5) < 0.05
    assert draws[:, 1:].min() < -0.98
    assert draws[:, 1:].max() > 0.98
    assert float(draws[:, 1:].mean().abs()) < 3 / math.sqrt(3000)


def test_query_and_references_move_alike() -> None:
    """Where all three are one picture, they are one picture after the augmentation of an epoch too."""
    table = toy_table()
    table = replace(table, reference=table.query, true_reference=table.query)
    rows = np.arange(len(table))
    for (batch,) in training_batches(table, rows, 8, AugmentConfig(), seed=3, epoch=1):
        assert torch.equal(batch.reference, batch.query)
        assert torch.equal(batch.true_reference, batch.query)
        plain = make_batch(table, batch.sample.numpy()).query
        assert (batch.query - plain).abs().amax(dim=(1, 2, 3)).min() > 0.01  # every one of them was moved
