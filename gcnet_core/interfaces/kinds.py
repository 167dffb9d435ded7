"""The base class of each kind of part."""

from typing import Any

from gcnet_core.interfaces.dataset import Dataset
from gcnet_core.interfaces.detector import Detector
from gcnet_core.interfaces.generator import Generator
from gcnet_core.interfaces.model import Model
from gcnet_core.interfaces.parts import Classifier, Decoder, Delta, Encoder, Loss
from gcnet_core.interfaces.reference import Join, Reference

BASES: dict[str, type[Any]] = {
    "dataset": Dataset,
    "model": Model,
    "generator": Generator,
    "reference": Reference,
    "join": Join,
    "encoder": Encoder,
    "delta": Delta,
    "classifier": Classifier,
    "decoder": Decoder,
    "loss": Loss,
    "detector": Detector,
}
