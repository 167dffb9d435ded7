"""A second device on any machine: its tensors say that they are elsewhere, and are not mixed with those of the CPU.

The device is called `meta`, because torch knows that name without any hardware; other than torch's meta tensors these
hold numbers, in a tensor of the CPU that only this file reads.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

from gcnet_core.testing.case import ContractError

ELSEWHERE = torch.device("meta")
ACROSS = ("_to_copy", "copy_", "index", "index_put_", "index_put", "_index_put_impl_", "set_", "_local_scalar_dense")
"""Operations that take tensors of two devices on a GPU too."""


class Elsewhere(Tensor):
    """A tensor of the pretended device.

    Args:
        held: its numbers, on the CPU.
    """

    held: Tensor

    @staticmethod
    def __new__(cls, held: Tensor) -> "Elsewhere":
        made = torch.Tensor._make_wrapper_subclass(
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=ELSEWHERE,
            requires_grad=held.requires_grad,
        )
        made.held = held.detach()
        return made

    def __repr__(self) -> str:  # type: ignore[override]
        return f"Elsewhere({list(self.shape)})"

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, operation: Any, types: Any, arguments: Any = (), options: Any = None
    ) -> Any:
        return _compute(operation, arguments, options or {})

    def numpy(self, *, force: bool = False) -> Any:
        """Refused, as by a GPU."""
        raise ContractError("a tensor of another device becomes no array; call .cpu() first")

    def tolist(self) -> Any:
        """The numbers."""
        return self.held.tolist()


class PretendDevice(TorchDispatchMode):
    """While it is entered, tensors made on the pretended device hold numbers."""

    def __torch_dispatch__(self, operation: Any, types: Any, arguments: Any = (), options: Any = None) -> Any:
        return _compute(operation, arguments, options or {})


def _compute(operation: Any, arguments: Any, options: dict[str, Any]) -> Any:
    """Compute on the CPU; the result is of the device that torch would give it."""
    flat = [value for value in tree_flatten((arguments, options))[0] if isinstance(value, Tensor)]
    there = any(isinstance(value, Elsewhere) for value in flat)
    name = operation._schema.name.split("::")[-1]
    strange = [value for value in flat if not isinstance(value, Elsewhere) and value.dim()]
    if there and strange and name not in ACROSS:
        raise ContractError(
            f"{name} mixes a tensor {list(strange[0].shape)} of the CPU with those of another device; register "
            "constants as buffers, and make tensors with device=query.device"
        )
    wanted = options.get("device")
    if wanted is not None:
        wanted = torch.device(wanted)
        there, options = wanted.type == ELSEWHERE.type, {**options, "device": torch.device("cpu")}
    elif name in ("copy_", "set_"):
        there = isinstance(arguments[0], Elsewhere)
    arguments, options = tree_map(_held, arguments), tree_map(_held, options)
    result = operation(*arguments, **options)
    return tree_map(lambda value: Elsewhere(value) if there and isinstance(value, Tensor) else value, result)


def _held(value: Any) -> Any:
    if isinstance(value, Elsewhere):
        return value.held
    return torch.device("cpu") if isinstance(value, torch.device) and value.type == ELSEWHERE.type else value


def send(module: nn.Module) -> nn.Module:
    """Move the parameters and buffers of a module to the pretended device, as `module.to(device)` moves them."""
    for part in module.modules():
        for name, weight in part._parameters.items():
            if weight is not None:
                part._parameters[name] = nn.Parameter(Elsewhere(weight.detach()), requires_grad=weight.requires_grad)
        for name, buffer in part._buffers.items():
            if buffer is not None:
                part._buffers[name] = Elsewhere(buffer)
    return module
