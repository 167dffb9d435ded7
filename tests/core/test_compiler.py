"""`training.compile` where torch cannot compile is one sentence, before any image is read."""

from collections.abc import Iterator

import pytest
import torch

from gcnet_core.plugin_api import RunFailed, UserError
from gcnet_core.training.compiler import check_compiler, compiled
from tests.core.toy import ToyModel


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from torch._inductor import config, cpp_builder

    monkeypatch.setenv("PATH", "/empty")
    monkeypatch.setattr(config.cpp, "cxx", ("nonexistent",))
    cpp_builder.cpp_compiler_search.cache_clear()
    yield
    cpp_builder.cpp_compiler_search.cache_clear()


def test_no_compiler(no_compiler: None) -> None:
    with pytest.raises(UserError, match=r"^training\.compile: torch finds no working compiler of C\+\+") as told:
        check_compiler(torch.device("cpu"))
    assert "\n" not in str(told.value)


def test_what_torch_says_of_a_model_is_one_sentence() -> None:
    message = r"^training\.compile: torch cannot compile this model here \(no\); leave out"
    with pytest.raises(RunFailed, match=message), compiled(ToyModel(), False):
        raise torch._dynamo.exc.InternalTorchDynamoError("\nno\nand 130 lines more")
