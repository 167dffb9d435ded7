"""Trained models that come with gcnet: `gcnet predict` answers with them without any training."""

from collections.abc import Iterable
from pathlib import Path

from gcnet_core.plugin_api import ModelSpec, hookimpl

HERE = Path(__file__).parent
RESEARCH = "Apache-2.0 for the weights; trained on research collections, so ask before commercial use"


@hookimpl
def gcnet_models() -> Iterable[ModelSpec]:
    """The models of this plugin: each a folder beside this file."""
    return []
