"""Trained models that come with gcnet: `gcnet predict` answers with them without any training."""

from collections.abc import Iterable
from pathlib import Path

from gcnet_core.plugin_api import ModelSpec, hookimpl

HERE = Path(__file__).parent
RESEARCH = "for research: made from FER2013, CK+ and AR, whose pictures are given for research alone"


@hookimpl
def gcnet_models() -> Iterable[ModelSpec]:
    """The models of this plugin: each a folder beside this file."""
    return [
        ModelSpec(
            "fer2013_gcnet",
            HERE / "fer2013_gcnet",
            "seven expressions of a face, alone or against other pictures of the person; makes the neutral face",
            RESEARCH,
            default=True,
        )
    ]
