"""Batches of training are the same wherever images lie, whether they are read ahead, and in how many threads."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import fields, replace

import numpy as np
import pytest
import torch

from gcnet_core.data import memory
from gcnet_core.data.faces import FaceTable
from gcnet_core.interfaces import Batch
from gcnet_core.training import step_batches
from gcnet_core.training.read_ahead import AHEAD, read_ahead
from gcnet_core.training.step_batches import StepBatches
from tests.core.toy import toy_recipe, toy_table

CPU = torch.device("cpu")
ENTRIES = [entry.name for entry in fields(Batch)]


def batches(table: FaceTable, device: torch.device = CPU) -> StepBatches:
    return StepBatches(toy_recipe(), table, np.arange(len(table)), device)


def whole(group: list[Batch], names: list[str] = ENTRIES) -> list[dict[str, torch.Tensor]]:
    return [{name: getattr(batch, name).cpu() for name in names} for batch in group]


def equal(one: list[dict[str, torch.Tensor]], other: list[dict[str, torch.Tensor]]) -> bool:
    return all(
        a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
        for a, b in zip(one, other, strict=True)
    )


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


@pytest.mark.parametrize("names", [["query"], ["reference", "query"], ENTRIES], ids=len)
def test_batches_are_the_same_when_they_are_read_ahead(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    table = toy_table()
    expected = [whole(group, names) for group in batches(table).epoch(3)]
    monkeypatch.setattr(step_batches, "fits", lambda size, device: False)
    ahead = batches(table)
    assert not ahead.at_hand
    found = [whole(group, names) for group in ahead.epoch(3)]
    assert len(found) > 2
    assert all(equal(one, other) for one, other in zip(expected, found, strict=True))
    assert not readers()


def test_the_number_of_threads_changes_no_pixel() -> None:
    expected = [whole(group) for group in batches(toy_table()).epoch(1)]
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        found = [whole(group) for group in batches(toy_table()).epoch(1)]
    finally:
        torch.set_num_threads(before)
    assert all(equal(one, other) for one, other in zip(expected, found, strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("at_hand", [True, False])
def test_a_gpu_makes_the_same_batches(at_hand: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [whole(group) for group in batches(toy_table()).epoch(2)]
    monkeypatch.setattr(step_batches, "fits", lambda size, device: at_hand)
    for one, other in zip(expected, batches(toy_table(), torch.device("cuda")).epoch(2), strict=True):
        for entries, batch in zip(one, other, strict=True):
            for name, values in entries.items():
                assert getattr(batch, name).is_cuda
                torch.testing.assert_close(getattr(batch, name).cpu(), values, atol=1e-5, rtol=0)


def test_what_is_asked_for_in_one_step_is_ready_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_batches, "fits", lambda size, device: False)
    made_in = []
    from gcnet_core.data import loader

    pictures = loader._pictures

    def noted(*arguments: object) -> torch.Tensor:
        made_in.append(threading.current_thread() is threading.main_thread())
        return pictures(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(loader, "_pictures", noted)
    for group in batches(toy_table()).epoch(0):
        for batch in group:
            batch.reference  # noqa: B018
    assert len(made_in) > AHEAD + 1
    assert not any(made_in[AHEAD + 1 :])


def test_an_error_of_reading_ahead_reaches_who_reads() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("a broken disk")

    found = []
    with pytest.raises(ValueError, match="a broken disk"):
        found.extend(read_ahead(items()))
    assert not readers()


def test_no_thread_is_left_when_reading_ends_early() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    with closing(read_ahead(items())) as ahead:
        assert next(ahead) == 0
    assert not readers()
    assert len(made) <= AHEAD + 1


def test_images_that_do_not_fit_are_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "available_memory", lambda: 10**9)
    assert memory.fits(10**9, CPU)
    assert not memory.fits(10**9 + 1, CPU)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (10**9, 2 * 10**9))
    assert memory.fits(250_000_000, torch.device("cuda"))
    assert not memory.fits(250_000_001, torch.device("cuda"))


def test_nothing_is_written_into_images(monkeypatch: pytest.MonkeyPatch) -> None:
    table = toy_table()
    before = table.images.clone()
    for group in batches(replace(table)).epoch(0):
        whole(group)
    assert torch.equal(table.images, before)


def test_no_thread_is_left_when_training_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_batches, "fits", lambda size, device: False)

    def train() -> None:
        for _ in batches(toy_table()).epoch(0):
            assert readers()
            raise InterruptedError

    with suppress(InterruptedError):
        train()
    assert not readers()
