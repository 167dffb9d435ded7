"""A plugin in one file, around the code of its one part."""

BASES = {
    "encoder": "Encoder", "delta": "Delta", "classifier": "Classifier", "decoder": "Decoder", "loss": "Loss",
    "reference": "Reference", "join": "Join",
}  # fmt: skip
CONFIGS = {
    "encoder": "EncoderConfig", "decoder": "DecoderConfig", "loss": "LossConfig",
    "reference": "ReferenceConfig", "join": "JoinConfig",
}  # fmt: skip

TEMPLATE = '''
from typing import ClassVar

import torch
from pydantic import Field
from torch import nn
from torch.nn import functional

from gcnet_core.interfaces import Candidates, {base}, masked_mean
from gcnet_core.plugin_api import ComponentSpec, ConfigIssue, {config}, hookimpl


class Config({config}):
    """Options."""

{options}


class Part({base}):
{code}


@hookimpl
def gcnet_components():
    return [ComponentSpec("{kind}", "part", Config, __name__ + ":Part", "a part of a stranger")]
'''


def plugin(kind: str, code: str, options: str = "") -> str:
    """Source of a plugin.

    Args:
        kind: of its part, which is called `part`.
        code: body of its class `Part`.
        options: body of its class `Config`.
    """
    return TEMPLATE.format(
        kind=kind, base=BASES[kind], config=CONFIGS.get(kind, "PluginConfig"), code=code.strip("\n"),
        options=options.strip("\n"),
    )  # fmt: skip
