"""RecipeInfo of a whole recipe, against which each part says whether it fits. No torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api.options import Options


class ImageConfig(Options):
    """The images that every part sees: square, in [0, 1]."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"fit": "resize_mode"}

    size: int = Field(64, ge=8, le=1024, description="height and width in pixels")
    channels: Literal[1, 3] = Field(1, description="1 for grey, 3 for colour (RGB)")
    resize_mode: Literal["stretch", "pad", "crop"] = Field(
        "pad",
        description="how an image that is not square becomes square: stretch it, repeat its border, or cut its middle",
    )


@dataclass(frozen=True)
class ConfigIssue:
    """One reason why parts do not fit together.

    Args:
        path: keys from the part (or, with `absolute`, from the recipe's root) to the value to change.
        message: what is wrong and what to do, for people.
        absolute: whether `path` starts at the recipe's root.
    """

    path: tuple[str, ...]
    message: str
    absolute: bool = False


@dataclass(frozen=True)
class RecipeInfo:
    """What a part may ask about the rest of its recipe when it checks that it fits.

    Args:
        image: size and channels of every image.
        classes: expression names in the order of the logits; empty if the data could not be read yet.
        references: whether the data set knows neutral references of its subjects.
        available_outputs: the fields of `Output` that the model can compute.
        album: whether the recipe says where other pictures of a person come from.
    """

    image: ImageConfig
    classes: tuple[str, ...] = ()
    references: bool = True
    available_outputs: frozenset[str] = field(default_factory=frozenset)
    album: bool = True
