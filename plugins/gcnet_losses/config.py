"""Options of the losses beside the paper's."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, LossConfig, RecipeInfo


class GradientConfig(LossConfig):
    """Distance between the edges of the generated and those of the true reference."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True


class PerceptualConfig(LossConfig):
    """Distance between the codes of the generated and of the true reference.

    Made for a stage in which the generator learns and the encoder, begun with weights of its own, stays as it is.
    """

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference_code", "target_code"})
    needs_references: ClassVar[bool] = True

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if "target_code" in info.available_outputs:
            yield from super().check(info)
        else:
            yield ConfigIssue(
                (), "this loss teaches a generator through the encoder; set `model.generator_gradient: true`"
            )


class SupervisedContrastiveConfig(LossConfig):
    """Contrast of differences by their expressions."""

    compares_samples: ClassVar[bool] = True
    gathers_batch: ClassVar[bool] = True
    required_outputs: ClassVar[frozenset[str]] = frozenset({"difference"})

    temperature: float = Field(0.1, gt=0, description="divides the cosines; the smaller, the more the nearest count")
