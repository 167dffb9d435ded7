"""The interfaces between parts: batch types and one abstract class per kind, shapes in every signature."""

from gcnet_core.interfaces.batch import Batch, Candidates, Output, ReferencePairs, Terms, masked_mean
from gcnet_core.interfaces.component import Component, VectorComponent
from gcnet_core.interfaces.context import BuildContext
from gcnet_core.interfaces.dataset import Dataset
from gcnet_core.interfaces.detector import Detector, Face, Point
from gcnet_core.interfaces.generator import Estimate, Generator, Phase, generator_output, generator_phases
from gcnet_core.interfaces.model import Model
from gcnet_core.interfaces.parts import Classifier, Decoder, Delta, Encoder, Loss
from gcnet_core.interfaces.reference import Join, Reference, chosen_candidates, compared_codes

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
    "Terms",
    "VectorComponent",
    "chosen_candidates",
    "compared_codes",
    "generator_output",
    "generator_phases",
    "masked_mean",
]
