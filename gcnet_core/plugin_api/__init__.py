"""What a plugin declares and how it is found. Nothing here imports torch; a test says so."""

from gcnet_core.plugin_api.config import (
    DatasetConfig,
    DatasetFacts,
    DecoderConfig,
    DetectorConfig,
    EncoderConfig,
    GeneratorConfig,
    LossConfig,
    ModelConfig,
    PluginConfig,
)
from gcnet_core.plugin_api.errors import MissingData, PluginError, RunFailed, UnknownPart, UserError
from gcnet_core.plugin_api.facts import Facts, ImageConfig, Problem
from gcnet_core.plugin_api.hookspec import PROJECT, hookimpl
from gcnet_core.plugin_api.part import Part, part_of
from gcnet_core.plugin_api.registry import BrokenPlugin, Registered, Registry, discover
from gcnet_core.plugin_api.samples import CANONICAL, NEUTRAL, Sample, given_references, ordered_classes, relabel
from gcnet_core.plugin_api.spec import API_VERSION, KINDS, ComponentSpec

__all__ = [
    "API_VERSION",
    "CANONICAL",
    "KINDS",
    "NEUTRAL",
    "PROJECT",
    "BrokenPlugin",
    "ComponentSpec",
    "DatasetConfig",
    "DatasetFacts",
    "DecoderConfig",
    "DetectorConfig",
    "EncoderConfig",
    "Facts",
    "GeneratorConfig",
    "ImageConfig",
    "LossConfig",
    "MissingData",
    "ModelConfig",
    "Part",
    "PluginConfig",
    "PluginError",
    "Problem",
    "Registered",
    "Registry",
    "RunFailed",
    "Sample",
    "UnknownPart",
    "UserError",
    "discover",
    "given_references",
    "hookimpl",
    "ordered_classes",
    "part_of",
    "relabel",
]
