"""Promises of every part: how it is registered, configured and built."""

import importlib.util
import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import torch
from pydantic import ValidationError
from torch import nn

from gcnet_core.interfaces.kinds import base_of
from gcnet_core.plugin_api import RecipeInfo
from gcnet_core.testing.case import Case, ContractError, DoesNotApply
from gcnet_core.testing.check import check
from gcnet_core.testing.environment.surroundings import refuse_seeding, tensors_of, unchanged_settings


@check()
def is_registered_without_torch(case: Case) -> None:
    """Importing the module that registers the part imports no torch."""
    module = case.spec.config.__module__
    if case.spec.target.partition(":")[0] == module and "." not in module:
        raise DoesNotApply(f"{module} is one file with the part's code, which may import torch")
    path = getattr(sys.modules[module], "__file__", None)
    load = f"import {module}" if path is None or "." in module else f"import runpy; runpy.run_path({path!r})"
    program = f"import sys; {load}; sys.exit('torch' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    if answer.returncode:
        reason = answer.stderr.strip().splitlines()[-1:] or ["torch is in sys.modules"]
        raise ContractError(f"{module}: {reason[0]}; import torch only in the module that `target` names")


@check()
def refuses_unknown_keys(case: Case) -> None:
    """A key that the config does not have is an error."""
    try:
        case.spec.config.model_validate({**case.options, "no_such_key": 1}, context={"registry": case.registry})
    except ValidationError as error:
        if any("no_such_key" in entry["loc"] for entry in error.errors()):
            return
    raise ContractError("the config accepted the key no_such_key; derive it from the base class of its kind")


@check()
def describes_its_options(case: Case) -> None:
    """Every option has a description, which `gcnet plugins show` prints."""
    undescribed = [name for name, field in case.spec.config.model_fields.items() if not field.description]
    if undescribed:
        raise ContractError(f"no description: {', '.join(undescribed)}; use pydantic.Field(..., description=...)")


@check()
def judges_any_image_size(case: Case) -> None:
    """`check` tells what does not fit and never raises."""
    config = case.part.config
    for size in (8, 30, 37, 64, 224):
        image = case.context.image.model_copy(update={"size": size})
        for problem in config.check(RecipeInfo(image, case.context.classes)):
            if not problem.message:
                raise ContractError(f"check found a problem with size {size} without saying what")


@check()
def is_of_its_kind(case: Case) -> None:
    """The target is a subclass of its interface, and is built from the config alone without changing what is global."""
    implementation = case.spec.load()
    base = base_of(case.kind)
    if not issubclass(implementation, base):
        raise ContractError(f"{implementation.__name__} is no subclass of gcnet_core.interfaces.{base.__name__}")
    with unchanged_settings("building it"):  # here, where it is built for the first time
        built = case.build()
    if not isinstance(built, base):
        raise ContractError("building it gave something else")


IMPORT_SEED = 12345


@check(is_of_its_kind)
def starts_the_same_under_a_seed(case: Case) -> None:
    """Two parts built under one seed of torch have the same weights, also where the part's module is imported anew."""
    first, second = case.build(), case.build()
    if not isinstance(first, nn.Module):
        raise DoesNotApply("it is no module and has no weights")
    for other in (second, built_anew(case)):
        weights, again = tensors_of(first), tensors_of(other)
        if weights.keys() != again.keys():
            raise ContractError(f"only one of two parts has {', '.join(sorted(weights.keys() ^ again.keys()))}")
        for name, weight in weights.items():
            if not same(weight, again[name]):
                raise ContractError(
                    f"{name} differs; draw first weights from torch's default generator alone, in the constructor"
                )


def same(first: torch.Tensor, second: torch.Tensor) -> bool:
    """Whether two tensors are equal bit for bit, in shape and type too; NaN equals NaN."""
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if torch.equal(first, second):
        return True
    return first.is_floating_point() and torch.equal(first.nan_to_num(), second.nan_to_num())


def _copy_of_module(name: str) -> ModuleType | None:
    """A module executed once more under another seed and beside the first one; None if it cannot be."""
    spec = importlib.util.spec_from_file_location(name, getattr(sys.modules[name], "__file__", None))
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    torch.manual_seed(IMPORT_SEED)
    try:
        spec.loader.exec_module(module)
    except Exception:  # some modules register something global, and can be executed once only
        return None
    return module


def built_anew(case: Case, seed: int = 0) -> Any:
    """The part as another process builds it: from its module imported once more, if that can be."""
    original = case.spec.load()
    module, name = sys.modules[original.__module__], original.__qualname__
    fresh = getattr(_copy_of_module(original.__module__), name, None)
    if fresh is None:
        return case.build(seed)
    setattr(module, name, fresh)
    try:
        return case.build(seed)
    finally:
        setattr(module, name, original)


@check(starts_the_same_under_a_seed)
def is_built_without_side_effects(case: Case) -> None:
    """Importing and building it sets no seed, changes neither options nor what is global, and shares no weights."""
    with unchanged_settings("importing its module"):
        imported = _copy_of_module(case.spec.load().__module__)
    if imported is not None and torch.initial_seed() != IMPORT_SEED:
        raise ContractError("importing its module sets torch's seed, which belongs to the recipe")
    options = case.part.config.model_dump()
    with unchanged_settings("building it"):
        first, other = case.build(seed=0), case.build(seed=1)
    seeds = iter((0, 1))
    refuse_seeding(lambda: case.build(next(seeds)), "building it")
    own = getattr(first, "config", None)
    changed_own = isinstance(own, case.spec.config) and own.model_dump() != options
    if changed_own or case.part.config.model_dump() != options:
        raise ContractError("building it changed its options; work on a copy")
    storages = {weight.untyped_storage().data_ptr() for weight in first.parameters()} if _is_module(first) else set()
    shared = [
        name
        for name, weight in (other.named_parameters() if _is_module(other) else ())
        if weight.numel() and weight.untyped_storage().data_ptr() in storages
    ]
    if shared:
        raise ContractError(f"two parts share {', '.join(shared[:5])}; make weights in the constructor")


def _is_module(built: Any) -> bool:
    return isinstance(built, nn.Module)


CHECKS = (
    is_registered_without_torch, refuses_unknown_keys, describes_its_options, judges_any_image_size,
    is_of_its_kind, starts_the_same_under_a_seed, is_built_without_side_effects,
)  # fmt: skip
