"""Faulty generators, one changed text each, and good ones that must not be accused."""

HEAD = '''
import torch
from pydantic import Field
from torch import nn
from torch.nn import functional

from gcnet_core.interfaces import Estimate, Generator, Phase, masked_mean
from gcnet_core.plugin_api import ComponentSpec, GeneratorConfig, hookimpl


class Config(GeneratorConfig):
    """Options."""

    width: int = Field(8, ge=1, description="channels inside")


@hookimpl
def gcnet_components():
    return [
        ComponentSpec(
            kind="generator", name="part", config=Config, target=f"{__name__}:Part", summary="a small generator"
        )
    ]


'''

GOOD: dict[str, str] = {
    "plain": HEAD
    + """
class Part(Generator):
    def __init__(self, config, context):
        super().__init__(config, context)
        channels = context.image.channels
        self.body = nn.Sequential(
            nn.Conv2d(channels, config.width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(config.width, channels, 3, padding=1),
        )

    def forward(self, query):
        return torch.sigmoid(self.body(query))
""",
}

FAULTS: list[tuple[str, str, str, str]] = [
    ("half of the range is missing", "plain", "torch.sigmoid(self.body(query))", "2 * torch.sigmoid(self.body(query))"),
]
