"""`training.compile`: whether torch can compile here, and what it says where it cannot, in one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gcnet_core.interfaces import Model
from gcnet_core.plugin_api import RunFailed, UserError

CURE = "install one, or leave out `training.compile`"


def check_compiler(device: torch.device) -> None:
    """See that there is what torch.compile calls on a device; what that makes of a model is told later.

    Args:
        device: on which the model is trained; only the CPU needs a compiler of C++.

    Raises:
        UserError: if there is none.
    """
    if device.type != "cpu":
        return
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler as error:
        raise UserError(
            f"training.compile: torch finds no working compiler of C++ (g++, or that in CXX); {CURE}"
        ) from error


@contextmanager
def compiled(model: Model, wanted: bool) -> Iterator[None]:
    """Inside, the parts of a model are compiled when they are first used.

    Args:
        model: whose direct children are the parts.
        wanted: whether the recipe asks for it.

    Raises:
        RunFailed: if torch cannot compile a part.
    """
    for part in model.children() if wanted else ():
        part.compile()
    try:
        yield
    except torch._dynamo.exc.TorchDynamoException as error:
        reason = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise RunFailed(
            f"training.compile: torch cannot compile this model here ({reason:.300}); leave out `training.compile`"
        ) from error
