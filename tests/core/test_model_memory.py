"""A model larger than memory is told with both figures before a byte of it is taken; what fits is as it would be."""

import pytest
import torch
from torch import nn

from gcnet_core.machine import available_memory
from gcnet_core.plugin_api import UserError
from gcnet_core.training.model_memory import WithinMemory


def test_a_layer_larger_than_memory_is_told() -> None:
    free = available_memory()
    if free is None:
        pytest.skip("this system does not say how much memory is free")
    width = int((2 * free / 4) ** 0.5)
    with WithinMemory(), pytest.raises(UserError, match=r"model: weights of \d+ x \d+ numbers need .* GB, and .* GB"):
        nn.Linear(width, width)


def test_what_fits_is_as_it_would_be() -> None:
    torch.manual_seed(3)
    expected = nn.Linear(5, 7).weight
    torch.manual_seed(3)
    with WithinMemory():
        found = nn.Linear(5, 7).weight
    assert torch.equal(found, expected)
    assert type(found) is nn.Parameter
