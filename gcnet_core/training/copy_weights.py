"""Weights handed on within a model: a stage begins some modules with the weights of others."""

from collections.abc import Mapping

from torch import nn

from gcnet_core.plugin_api import UserError


def check_copies(model: nn.Module, copies: Mapping[str, str], stage: str) -> None:
    """See that every copy is possible, before anything is trained.

    Args:
        model: whose modules are named by their paths, e.g. `encoder.blocks`.
        copies: path of a module: path of the one whose weights it takes.
        stage: name in the recipe, for the error.

    Raises:
        UserError: if a module does not exist, or two that differ in shape are to be equal.
    """
    modules = dict(model.named_modules())
    for target, source in copies.items():
        where = f"training.stages.{stage}.copy_weights.{target}"
        for path in (target, source):
            if not path or path not in modules:
                near = ", ".join(sorted(name for name in modules if name and name.count(".") < 2))
                raise UserError(f"{where}: this model has no module {path!r}; it has {near}")
        if _shapes(modules[target]) != _shapes(modules[source]):
            raise UserError(f"{where}: {source} has other weights than {target}; give both the same options")


def copy_weights(model: nn.Module, copies: Mapping[str, str]) -> None:
    """Copy weights and statistics."""
    for target, source in copies.items():
        model.get_submodule(target).load_state_dict(model.get_submodule(source).state_dict())


def _shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}
