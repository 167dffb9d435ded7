"""What a plugin declares and how it is found. Nothing here imports torch; a test says so."""

from gcnet_core.plugin_api.config import (
    DatasetConfig,
    DatasetInfo,
    DecoderConfig,
    DetectorConfig,
    EncoderConfig,
    GeneratorConfig,
    LossConfig,
    ModelConfig,
    PluginConfig,
    common_preparation,
)
from gcnet_core.plugin_api.errors import MissingData, PluginError, RunFailed, UnknownPart, UserError
from gcnet_core.plugin_api.recipe_info import RecipeInfo, ImageConfig, ConfigIssue
from gcnet_core.plugin_api.hookspec import PROJECT, hookimpl
from gcnet_core.plugin_api.part import Part, part_of
from gcnet_core.plugin_api.registry import BrokenPlugin, Registered, Registry, discover
from gcnet_core.plugin_api.samples import CANONICAL, NEUTRAL, Sample, true_references, ordered_classes, relabel
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
    "DatasetInfo",
    "DecoderConfig",
    "DetectorConfig",
    "EncoderConfig",
    "RecipeInfo",
    "GeneratorConfig",
    "ImageConfig",
    "LossConfig",
    "MissingData",
    "ModelConfig",
    "Part",
    "PluginConfig",
    "PluginError",
    "ConfigIssue",
    "Registered",
    "Registry",
    "RunFailed",
    "Sample",
    "UnknownPart",
    "UserError",
    "common_preparation",
    "discover",
    "true_references",
    "hookimpl",
    "ordered_classes",
    "part_of",
    "relabel",
]
