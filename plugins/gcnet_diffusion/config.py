"""Options of the diffusion generator."""

from collections.abc import Iterable
from typing import Literal

from gcnet_layers.config import halving_problems
from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, GeneratorConfig, RecipeInfo


class DiffusionConfig(GeneratorConfig):
    """Options of the diffusion generator."""

    channels: int = Field(
        32, ge=8, le=1024, multiple_of=8, description="width at half the image size; it doubles at each further halving"
    )
    depth: int = Field(3, ge=1, le=6, description="number of halvings of height and width")
    layers: int = Field(1, ge=1, le=64, description="residual blocks at each size")
    attention: bool = Field(True, description="let all places of the smallest size see each other")
    target: Literal["noise", "v", "flow"] = Field(
        "v",
        description="what the network predicts; `noise`: Ho et al., arXiv 2006.11239; `v`: Salimans and Ho, "
        "arXiv 2202.00512; `flow`: the velocity of a straight path, Lipman et al., arXiv 2210.02747",
    )
    steps: int = Field(
        2, ge=1, le=100, description="steps from noise to reference; 1 gives the mean of what is possible, more sharper"
    )
    differentiable: bool = Field(
        False, description="let the gradient of losses on the reference pass through all steps into the network"
    )
    weight: float = Field(1.0, gt=0, description="factor of the term that predicts the target at a random time")
    focus: float = Field(
        0.0, ge=0, le=1, description="share of the training times that are those from which the sampling steps start"
    )
    output: Literal["residual", "direct"] = Field(
        "residual", description="what is diffused; `residual`: reference minus query; `direct`: the reference"
    )
    amplitude: float = Field(
        8.0, gt=0, description="factor that brings what is diffused to about the size of the noise, one"
    )

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        return halving_problems(info.image.size, self.depth)
