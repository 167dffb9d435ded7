"""Options of the U-Net, for the config classes of generators that are built on it."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from gcnet_core.plugin_api import LARGEST_WIDTH, ConfigIssue, GeneratorConfig, RecipeInfo


class UNetConfig(GeneratorConfig):
    """What generators on the U-Net share."""

    channels: int = Field(
        16, ge=4, le=1024, multiple_of=4, description="width at half the image size; it doubles at each further halving"
    )
    depth: int = Field(3, ge=1, le=6, description="number of halvings of height and width")
    latent: int = Field(128, ge=1, le=LARGEST_WIDTH, description="length of the bottleneck vector")
    output: Literal["residual", "direct"] = Field(
        "residual",
        description="`residual`: the reference is the query minus a predicted expression; `direct`: all of it",
    )
    skip_connections: bool = Field(
        True, description="hand each size of the encoder to the decoder, so that detail need not pass the bottleneck"
    )

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        return halving_problems(info.image.size, self.depth)


def halving_problems(size: int, depth: int) -> Iterable[ConfigIssue]:
    """The problem of an image size that cannot be halved so many times, if it cannot."""
    factor = 2**depth
    if size % factor:
        below, above = size // factor * factor, (size // factor + 1) * factor
        nearest = f"{below} or {above}" if below else str(above)
        yield ConfigIssue(
            ("image", "size"),
            f"image size {size} cannot be halved {depth} times, as the generator's depth asks; use {nearest}",
            absolute=True,
        )
