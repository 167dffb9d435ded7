"""Promises of every part: how it is registered, configured and built."""

import os
import subprocess
import sys

import torch
from pydantic import ValidationError
from torch import nn

from gcnet_core import interfaces
from gcnet_core.plugin_api import RecipeInfo
from gcnet_core.testing.case import Case, ContractError
from gcnet_core.testing.check import check

BASES = {
    "generator": interfaces.Generator,
    "encoder": interfaces.Encoder,
    "decoder": interfaces.Decoder,
    "delta": interfaces.Delta,
    "classifier": interfaces.Classifier,
    "loss": interfaces.Loss,
    "model": interfaces.Model,
    "dataset": interfaces.Dataset,
    "detector": interfaces.Detector,
}


@check()
def is_registered_without_torch(case: Case) -> None:
    """Importing the module that registers the part imports no torch."""
    module = case.spec.config.__module__
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
def says_what_it_is(case: Case) -> None:
    """The summary is one line that is not empty."""
    if not case.spec.summary.strip() or "\n" in case.spec.summary:
        raise ContractError("the summary of the ComponentSpec must be one line")


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
    """The target exists, is a subclass of the interface of its kind, and can be built from the config alone."""
    implementation = case.spec.load()
    base = BASES[case.kind]
    if not issubclass(implementation, base):
        raise ContractError(f"{implementation.__name__} is no subclass of gcnet_core.interfaces.{base.__name__}")
    if not isinstance(case.build(), base):
        raise ContractError("building it gave something else")


@check()
def starts_the_same_under_a_seed(case: Case) -> None:
    """Two parts built under one seed of torch have the same weights."""
    first, second = case.build(), case.build()
    if isinstance(first, nn.Module):
        for name, weight in first.state_dict().items():
            if not torch.equal(weight, second.state_dict()[name]):
                raise ContractError(f"{name} differs; draw first weights from torch's default generator alone")


CHECKS = (
    is_registered_without_torch, refuses_unknown_keys, describes_its_options, says_what_it_is, judges_any_image_size,
    is_of_its_kind, starts_the_same_under_a_seed,
)  # fmt: skip
