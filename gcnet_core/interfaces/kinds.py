"""The base class of each kind of part, imported when it is asked for: not every kind needs torch."""

import importlib
from typing import Any

BASES = {
    "dataset": "dataset:Dataset",
    "model": "model:Model",
    "generator": "generator:Generator",
    "reference": "reference:Reference",
    "join": "reference:Join",
    "encoder": "parts:Encoder",
    "delta": "parts:Delta",
    "classifier": "parts:Classifier",
    "decoder": "parts:Decoder",
    "loss": "parts:Loss",
    "detector": "detector:Detector",
    "engine": "engine:Engine",
}


def base_of(kind: str) -> type[Any]:
    """The class from which every part of a kind is derived."""
    module, _, name = BASES[kind].partition(":")
    base: type[Any] = getattr(importlib.import_module(f"gcnet_core.interfaces.{module}"), name)
    return base
