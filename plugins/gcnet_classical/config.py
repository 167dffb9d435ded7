"""Options of the descriptors and of the support vector machine."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, EncoderConfig, ModelConfig, RecipeInfo, comparison_issues, part_of


class HOGConfig(EncoderConfig):
    """Histograms of oriented gradients."""

    orientations: int = Field(9, ge=2, le=36, description="directions of the gradient, over 180 degrees")
    cell: int = Field(8, ge=2, le=1024, description="side of a cell, pixels")
    block: int = Field(2, ge=1, le=512, description="side of a block of cells that are normalised together")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if self.cell * self.block > info.image.size:
            yield ConfigIssue(
                ("cell",), f"{self.block} cells of {self.cell} pixels do not fit into images of {info.image.size}"
            )


class LBPConfig(EncoderConfig):
    """Histograms of uniform local binary patterns, on a grid of regions."""

    points: int = Field(8, ge=4, le=24, description="neighbours that are compared with each pixel")
    radius: float = Field(2.0, gt=0, le=8, description="distance of the neighbours, pixels")
    grid: int = Field(7, ge=1, le=32, description="regions along each side of the face")

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if self.grid > info.image.size:
            yield ConfigIssue(
                ("grid",), f"images of {info.image.size} pixels cannot be divided into {self.grid} regions"
            )


class SVMConfig(ModelConfig):
    """A support vector machine with radial kernel on what an encoder says of query and reference."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"standardise": "standardize"}
    renamed_values: ClassVar[Mapping[str, Mapping[str, str | None]]] = {
        "reference": {"none": None, "given": "true_neutral"}
    }

    encoder: part_of("encoder") = Field(  # type: ignore[valid-type]
        description="describes query and reference; not trained, unless by stages of `training`"
    )
    generator: part_of("generator", optional=True) = Field(  # type: ignore[valid-type]
        None,
        description="makes the neutral face of a picture, where the reference needs one; its stages run before the "
        "machine is fitted",
    )
    reference: part_of("reference", optional=True) = Field(  # type: ignore[valid-type]
        None,
        description="the pictures with which a query is compared: the machine sees the query and its difference to "
        "them; null: the query alone",
    )
    join: part_of("join") = Field(  # type: ignore[valid-type]
        {"type": "mean"},
        validate_default=True,
        description="makes one description of those of several pictures; nothing of it is learned here",
    )
    c: float = Field(10.0, gt=0, description="cost of training images on the wrong side")
    gamma: Annotated[float, Field(gt=0)] | Literal["scale"] = Field(
        "scale", description="width of the kernel; `scale`: 1 / (number of features x their variance)"
    )
    flip: bool = Field(True, description="learn from the mirror images too")
    standardize: bool = Field(False, description="give each feature mean 0 and deviation 1")

    def available_outputs(self) -> frozenset[str]:
        found = {"features", "logits"}
        if self.generator is not None:
            found.add("reference")
        if self.reference is not None:
            found |= {"query_code", "reference_code"}
            if not self.join.config.needs_generator():
                found.add("candidate_codes")
        return frozenset(found)

    def trains_by_gradient(self) -> bool:
        return self.generator is not None

    def needs_true_reference(self) -> bool:
        return self.reference is not None and bool(self.reference.config.needs_true_reference())

    def uses_album(self) -> bool:
        return self.reference is not None and bool(self.reference.config.uses_album())

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if self.reference is None:
            return ()
        return comparison_issues(
            info, reference=self.reference, join=self.join, generator=self.generator, instead="null"
        )
