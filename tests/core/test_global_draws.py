"""Each process takes its rows of what one would draw, whatever draws: noise, dropout, times, in any memory order."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from gcnet_core.training.global_draws import GlobalDraws

ROWS = 7
PARTS = ((0, 3), (3, 3), (6, 1))
WIDE = torch.zeros(ROWS, 4, 6, 6).contiguous(memory_format=torch.channels_last)


def cut(rows: Tensor, before: int, own: int) -> Tensor:
    return rows[before : before + own]


DRAWS: dict[str, Callable[[Tensor], Tensor]] = {
    "noise": torch.randn_like,
    "noise by size": lambda rows: torch.randn(len(rows), 5),
    "shares": lambda rows: torch.rand(len(rows)),
    "times": lambda rows: torch.randint(1000, (len(rows),)),
    "times between": lambda rows: torch.randint(5, 1000, (len(rows),)),
    "in place": lambda rows: torch.empty_like(rows).normal_(),
    "dropped paths": lambda rows: rows.new_empty(len(rows), 1, 1, 1).bernoulli_(0.5),
    "dropout": lambda rows: functional.dropout(rows + 1, 0.5),
    "dropped channels": lambda rows: functional.dropout2d(rows + 1, 0.5),
    "dropout of GPUs": lambda rows: torch.native_dropout(rows + 1, 0.5, True)[0],
}


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("like", [torch.zeros(ROWS, 4, 6, 6), WIDE], ids=["contiguous", "channels last"])
def test_parts_are_parts_of_the_whole(name: str, like: Tensor) -> None:
    torch.manual_seed(0)
    with GlobalDraws(0, ROWS, ROWS):  # one process
        whole = DRAWS[name](like)
        again = DRAWS[name](like)
    assert not torch.equal(whole, again), "something is drawn"
    for before, own in PARTS:
        torch.manual_seed(0)
        with GlobalDraws(before, own, ROWS):
            assert torch.equal(DRAWS[name](cut(like, before, own)), cut(whole, before, own))
            assert torch.equal(DRAWS[name](cut(like, before, own)), cut(again, before, own)), "all are as far on"


def test_one_process_draws_what_it_draws_anyway() -> None:
    for name in set(DRAWS) - {"dropout of GPUs"}:
        torch.manual_seed(0)
        plain = DRAWS[name](WIDE)
        torch.manual_seed(0)
        with GlobalDraws(0, ROWS, ROWS):
            assert torch.equal(DRAWS[name](WIDE), plain), name


def test_queries_and_references_in_one_batch_are_two_parts() -> None:
    torch.manual_seed(0)
    whole = torch.randn(2 * ROWS, 3)
    for before, own in PARTS[:2]:
        torch.manual_seed(0)
        with GlobalDraws(before, own, ROWS):
            mine = torch.randn(2 * own, 3)
        assert torch.equal(mine, torch.cat([cut(whole[:ROWS], before, own), cut(whole[ROWS:], before, own)]))


def test_what_belongs_to_no_row_is_the_same_for_all() -> None:
    torch.manual_seed(0)
    alone = torch.rand(1)
    for before, own in PARTS[:2]:
        torch.manual_seed(0)
        with GlobalDraws(before, own, ROWS):
            assert torch.equal(torch.rand(1), alone)


def test_a_generator_of_its_own_is_left_alone() -> None:
    expected = torch.randn(3, generator=torch.Generator().manual_seed(1))
    with GlobalDraws(0, 3, ROWS):
        assert torch.equal(torch.randn(3, generator=torch.Generator().manual_seed(1)), expected)


def test_the_gradient_of_dropout_is_that_of_what_was_kept() -> None:
    torch.manual_seed(0)
    rows = torch.ones(3, 50, requires_grad=True)
    with GlobalDraws(3, 3, ROWS):
        kept = functional.dropout(rows, 0.5)
    kept.sum().backward()
    assert torch.equal(rows.grad, kept.detach())  # type: ignore[arg-type]
    assert set(kept.unique().tolist()) == {0.0, 2.0}
