"""The interfaces between parts: batch types and one abstract class per kind, shapes in every signature.

A name is imported when it is first asked for: whoever needs a detector alone, as `gcnet predict model.onnx` does, must
not need torch.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gcnet_core.interfaces.asking import asked, picture_codes
    from gcnet_core.interfaces.batch import Batch, Candidates, Output, ReferencePairs, Terms, masked_mean
    from gcnet_core.interfaces.component import Component, VectorComponent
    from gcnet_core.interfaces.context import BuildContext
    from gcnet_core.interfaces.dataset import Dataset
    from gcnet_core.interfaces.detector import Detector, Face, Point
    from gcnet_core.interfaces.engine import Engine
    from gcnet_core.interfaces.generator import (
        Estimate,
        Generator,
        Phase,
        generator_count,
        generator_output,
        generator_phases,
    )
    from gcnet_core.interfaces.model import Model
    from gcnet_core.interfaces.parts import Classifier, Decoder, Delta, Encoder, Loss
    from gcnet_core.interfaces.processes import gather_batch
    from gcnet_core.interfaces.reference import Join, Reference, candidate_codes, chosen_candidates, compared_codes
    from gcnet_core.interfaces.task import Ended, Task, TaskRunner

__all__ = [
    "Batch",
    "BuildContext",
    "Candidates",
    "Classifier",
    "Component",
    "Dataset",
    "Decoder",
    "Delta",
    "Detector",
    "Encoder",
    "Ended",
    "Engine",
    "Estimate",
    "Face",
    "Generator",
    "Join",
    "Loss",
    "Model",
    "Output",
    "Phase",
    "Point",
    "Reference",
    "ReferencePairs",
    "Task",
    "TaskRunner",
    "Terms",
    "VectorComponent",
    "asked",
    "candidate_codes",
    "chosen_candidates",
    "compared_codes",
    "gather_batch",
    "generator_count",
    "generator_output",
    "generator_phases",
    "masked_mean",
    "picture_codes",
]

_MODULES = {
    name: module
    for module, names in {
        "asking": "asked, picture_codes",
        "batch": "Batch, Candidates, Output, ReferencePairs, Terms, masked_mean",
        "component": "Component, VectorComponent",
        "context": "BuildContext",
        "dataset": "Dataset",
        "detector": "Detector, Face, Point",
        "engine": "Engine",
        "generator": "Estimate, Generator, Phase, generator_count, generator_output, generator_phases",
        "model": "Model",
        "parts": "Classifier, Decoder, Delta, Encoder, Loss",
        "processes": "gather_batch",
        "reference": "Join, Reference, candidate_codes, chosen_candidates, compared_codes",
        "task": "Ended, Task, TaskRunner",
    }.items()
    for name in names.split(", ")
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    value = getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value
