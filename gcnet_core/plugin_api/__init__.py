"""What a plugin declares and how it is found. Nothing here imports torch; a test says so."""

from gcnet_core.errors import MissingData, PluginError, RunFailed, UnknownPart, UserError
from gcnet_core.plugin_api.blame import plugin_fault
from gcnet_core.plugin_api.comparison import album_issues, comparison_issues
from gcnet_core.plugin_api.config import (
    TAGS,
    DatasetConfig,
    DatasetInfo,
    DecoderConfig,
    DetectorConfig,
    EncoderConfig,
    EngineConfig,
    GeneratorConfig,
    JoinConfig,
    LossConfig,
    ModelConfig,
    PluginConfig,
    ReferenceConfig,
    common_preparation,
    preparation_of_today,
)
from gcnet_core.plugin_api.discovery import discover
from gcnet_core.plugin_api.evidence import Evidence
from gcnet_core.plugin_api.found import LOCAL, BrokenPlugin, LoadedPlugin, Registered, SwitchedOff
from gcnet_core.plugin_api.found_models import FoundModel, FoundModels
from gcnet_core.plugin_api.guarded import aside, guarded
from gcnet_core.plugin_api.hookspec import PROJECT, hookimpl
from gcnet_core.plugin_api.left_out import LeftOut, by_reason
from gcnet_core.plugin_api.model_spec import ModelSpec
from gcnet_core.plugin_api.numbers import LARGEST_SEED, LARGEST_WIDTH, Betas
from gcnet_core.plugin_api.options import Options
from gcnet_core.plugin_api.part import Part, PartField, part_field, part_of
from gcnet_core.plugin_api.paths import UserPath, expanded
from gcnet_core.plugin_api.recipe_info import ConfigIssue, ImageConfig, RecipeInfo
from gcnet_core.plugin_api.registry import Registry
from gcnet_core.plugin_api.samples import (
    CANONICAL,
    NEUTRAL,
    USAGE,
    Sample,
    Usage,
    ordered_classes,
    relabel,
    true_references,
)
from gcnet_core.plugin_api.spec import API_VERSION, KINDS, ComponentSpec
from gcnet_core.plugin_api.switch import leave_out

__all__ = [
    "API_VERSION",
    "CANONICAL",
    "KINDS",
    "LARGEST_SEED",
    "LARGEST_WIDTH",
    "LOCAL",
    "NEUTRAL",
    "PROJECT",
    "TAGS",
    "USAGE",
    "Betas",
    "BrokenPlugin",
    "ComponentSpec",
    "ConfigIssue",
    "DatasetConfig",
    "DatasetInfo",
    "DecoderConfig",
    "DetectorConfig",
    "EncoderConfig",
    "EngineConfig",
    "Evidence",
    "FoundModel",
    "FoundModels",
    "GeneratorConfig",
    "ImageConfig",
    "JoinConfig",
    "LeftOut",
    "LoadedPlugin",
    "LossConfig",
    "MissingData",
    "ModelConfig",
    "ModelSpec",
    "Options",
    "Part",
    "PartField",
    "PluginConfig",
    "PluginError",
    "RecipeInfo",
    "ReferenceConfig",
    "Registered",
    "Registry",
    "RunFailed",
    "Sample",
    "SwitchedOff",
    "UnknownPart",
    "Usage",
    "UserError",
    "UserPath",
    "album_issues",
    "aside",
    "by_reason",
    "common_preparation",
    "comparison_issues",
    "discover",
    "expanded",
    "guarded",
    "hookimpl",
    "leave_out",
    "ordered_classes",
    "part_field",
    "part_of",
    "plugin_fault",
    "preparation_of_today",
    "relabel",
    "true_references",
]

_RENAMED = {"Facts": "RecipeInfo", "Problem": "ConfigIssue", "DatasetFacts": "DatasetInfo"}


def __getattr__(name: str) -> object:
    """Tell a plugin that was written for gcnet 0.1 what a class is called now."""
    if name in _RENAMED:
        raise ImportError(f"{name} of gcnet_core.plugin_api is called {_RENAMED[name]} since gcnet 0.2; rename it")
    raise AttributeError(f"module {__name__} has no attribute {name}")
