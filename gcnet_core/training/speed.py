"""`training.speed: auto`: what the step of training runs fastest with on this machine, by rule and never by a timing.

The rule can be repeated, a timing cannot. `docs/performance.md` holds the figures on which it rests.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import torch

from gcnet_core.recipe import Recipe


@dataclass(frozen=True)
class Speed:
    """Settings of the `training` section that change how fast a step is, and its figures by rounding alone.

    Args:
        precision: autocast type of the forward passes.
        channels_last: whether pictures and weights are in channels-last memory format.
        compile: whether parts are compiled.
    """

    precision: Literal["float32", "bf16", "fp16"]
    channels_last: bool
    compile: bool

    @classmethod
    def of(cls, training: Mapping[str, Any]) -> "Speed":
        """Those of a `training` section that was resolved."""
        return cls(training["precision"], training["channels_last"], training["compile"])

    def applied(self, recipe: Recipe) -> Recipe:
        """A recipe with these settings."""
        return recipe.model_copy(update={"training": recipe.training.model_copy(update=asdict(self))})

    def __str__(self) -> str:
        layout = "channels-last" if self.channels_last else "channels-first"
        return f"{self.precision}, {layout}, {'compiled' if self.compile else 'not compiled'}"


def pick_speed(device: torch.device) -> Speed:
    """The settings for a device.

    Half precision is taken where the device has units for it, which is more than that it can be computed: on other
    devices it is slower than float32. Nothing is compiled, because that takes longer than most runs save by it.

    Args:
        device: on which the model is trained.
    """
    return Speed("bf16" if _has_units_for_bf16(device) else "float32", channels_last=True, compile=False)


def chosen_speed(recipe: Recipe, device: torch.device, begun: Mapping[str, Any] | None = None) -> Speed | None:
    """What `training.speed: auto` picks; None where the recipe says everything itself.

    Args:
        recipe: of the run.
        device: on which it runs.
        begun: the checkpoint from which it goes on, on whatever machine it was begun; None at the start.
    """
    if recipe.training.speed != "auto":
        return None
    return pick_speed(device) if begun is None else Speed.of(begun["recipe"]["training"])


def _has_units_for_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type != "cpu":
        return False
    capabilities: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("amx_bf16") or capabilities.get("avx512_bf16"))
