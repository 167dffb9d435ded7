"""Options of the paper's parts."""

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import (
    LARGEST_WIDTH,
    ConfigIssue,
    DecoderConfig,
    EncoderConfig,
    GeneratorConfig,
    LossConfig,
    PluginConfig,
    RecipeInfo,
)

Widths = Annotated[tuple[Annotated[int, Field(ge=1, le=LARGEST_WIDTH)], ...], Field(min_length=1, max_length=64)]

View = Annotated[float, Field(gt=-0.4, lt=0.4)]


class ConvEncoderConfig(EncoderConfig):
    """Convolution blocks, each halving height and width."""

    channels: Widths = Field((32, 64, 128, 256), description="width of each block")
    depth: int = Field(1, ge=1, le=8, description="convolutions in each block, before its halving")
    width: int = Field(128, ge=1, le=LARGEST_WIDTH, description="length of the embedding")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of features dropped before the embedding")
    unshuffle: bool = Field(
        False, description="move pixels into channels first, which halves the image and costs half of the time"
    )
    views: Annotated[tuple[View, ...], Field(min_length=1)] = Field(
        (0.0,),
        description="framings of a picture whose embeddings are averaged: the share of its side by which it is cut off "
        "(below 0) or continued (above 0) on each side; each costs a pass",
    )

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        deepest = info.image.size.bit_length() - 1 - self.unshuffle
        if len(self.channels) > deepest:
            yield ConfigIssue(
                ("channels",),
                f"{len(self.channels)} blocks halve an image of size {info.image.size} too often; at most {deepest}",
            )
        if self.unshuffle and info.image.size % 2:
            yield ConfigIssue(
                ("image", "size"), f"image size {info.image.size} is odd and cannot be halved", absolute=True
            )


class ConvGeneratorConfig(GeneratorConfig):
    """A U-Net whose way down has the blocks of the encoder `conv`."""

    channels: Widths = Field((32, 64, 128), description="width of each block; of the encoder too if it is to begin so")
    up_channels: Widths | None = Field(
        None, description="width of each block of the way up, the deepest first; default: half of its way down"
    )
    unshuffle: bool = Field(True, description="as the encoder's option of that name")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        factor = 2 ** (len(self.channels) + self.unshuffle)
        if info.image.size % factor:
            yield ConfigIssue(
                ("channels",),
                f"{len(self.channels)} blocks need an image size that is a multiple of {factor}, not {info.image.size}",
            )
        if self.up_channels and len(self.up_channels) != len(self.channels):
            yield ConfigIssue(
                ("up_channels",), f"{len(self.channels)} blocks down need as many up, not {len(self.up_channels)}"
            )


class ConvDecoderConfig(DecoderConfig):
    """Upsampling blocks from a code back to a face."""

    channels: Widths = Field((128, 64, 32), description="width of each block; each doubles height and width")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        factor = 2 ** len(self.channels)
        if info.image.size % factor:
            yield ConfigIssue(
                ("channels",),
                f"{len(self.channels)} doublings cannot reach image size {info.image.size}; "
                f"it must be a multiple of {factor}",
            )


class LinearConfig(PluginConfig):
    """One linear layer."""

    batch_norm: bool = Field(True, description="normalise each feature over the batch first")
    dropout: float = Field(0.0, ge=0, lt=1, description="share of features dropped")


class MLPConfig(PluginConfig):
    """Hidden layers with ReLU, then one linear layer."""

    hidden: Widths = Field((128,), description="width of each hidden layer")
    batch_norm: bool = Field(True, description="normalise each feature over the batch before every layer")
    dropout: float = Field(0.2, ge=0, lt=1, description="share of features dropped in each hidden layer")


class DeltaConfig(PluginConfig):
    """What all forms of the difference share."""

    scale: float = Field(10.0, gt=0, description="factor of the difference at the start; normalised codes are close")
    learn_scale: bool = Field(True, description="whether the factor is learned")
    batch_norm: bool = Field(
        False, description="batch norm of the difference in place of the factor, which an appended query keeps"
    )
    append_query: bool = Field(False, description="append the query's own code, which doubles the width")


class CrossEntropyConfig(LossConfig):
    """Cross-entropy of the logits."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"logits"})

    label_smoothing: float = Field(0.0, ge=0, lt=1, description="share of the target spread over all classes")
    soft: bool = Field(False, description="take the shares of the raters' votes as target, where a data set has them")
    class_weights: Literal["balanced"] | dict[str, Annotated[float, Field(ge=0)]] | None = Field(
        None,
        description="weight by class name (others 1), `balanced` for images / (classes x images of the class), or null",
    )

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        yield from super().check(info)
        for name in self.class_weights if isinstance(self.class_weights, dict) else ():
            if info.classes and name not in info.classes:
                yield ConfigIssue(
                    ("class_weights", name), f"the data set has no class {name}; it has {', '.join(info.classes)}"
                )


class GenerativeConfig(LossConfig):
    """Distance between the generated and the true reference."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
    needs_references: ClassVar[bool] = True


class MarginContrastiveConfig(LossConfig):
    """Margin loss between the codes of query and reference."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_code", "reference_code"})

    margin: float = Field(
        1.0, gt=0, description="distance up to which an expressive query is pushed from its reference"
    )


class ReconstructionConfig(LossConfig):
    """Squared error of query and reference decoded from their codes."""

    required_outputs: ClassVar[frozenset[str]] = frozenset({"query_reconstruction", "reference_reconstruction"})
    optional_outputs: ClassVar[frozenset[str]] = frozenset({"reference"})
