"""Options of timm backbones."""

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from gcnet_core.plugin_api import LARGEST_WIDTH, ConfigIssue, EncoderConfig, RecipeInfo, UserPath
from gcnet_timm.names import unknown_name


class TimmConfig(EncoderConfig):
    """A backbone of the timm library."""

    name: str = Field("resnet18", description="any model of timm, e.g. resnet18, mobilenetv3_small_100")
    pretrained: bool = Field(False, description="fetch timm's pre-trained weights; needs network access")
    weights: UserPath | None = Field(None, description="local safetensors file with weights, instead of `pretrained`")
    width: int | None = Field(
        None, ge=1, le=LARGEST_WIDTH, description="length of the embedding by a linear layer; null: the model's own"
    )
    input_size: int | None = Field(None, ge=8, le=1024, description="resize images to this before the network, pixels")
    drop_rate: float = Field(0.0, ge=0, lt=1, description="dropout before the embedding")
    drop_path_rate: float = Field(0.0, ge=0, lt=1, description="stochastic depth, where the model has it")
    options: dict[str, Any] = Field(default_factory=dict, description="further arguments of timm.create_model")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        fault = unknown_name(self.name)
        if fault:
            yield ConfigIssue(("name",), fault)
