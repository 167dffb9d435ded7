"""Options of the two models: GCNet, and the CNN baseline that shares its encoder."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, ModelConfig, RecipeInfo, part_of


class GCNetConfig(ModelConfig):
    """Parts of GCNet and how they are joined."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"normalise": "normalize", "given_share": "true_reference_prob"}
    renamed_values: ClassVar[Mapping[str, Mapping[str, str]]] = {"reference": {"given": "true_neutral"}}

    generator: part_of("generator", optional=True) = Field(  # type: ignore[valid-type]
        None, description="estimates the reference; null only with `reference: true_neutral`"
    )
    encoder: part_of("encoder") = Field(description="embeds query and reference")  # type: ignore[valid-type]
    delta: part_of("delta") = Field(description="form of the difference")  # type: ignore[valid-type]
    classifier: part_of("classifier") = Field(description="recognises the expression")  # type: ignore[valid-type]
    decoder: part_of("decoder", optional=True) = Field(  # type: ignore[valid-type]
        None, description="decodes the codes for the reconstruction losses; null: no reconstruction"
    )
    normalize: Literal["l2", "none"] = Field("l2", description="normalisation of the codes before their difference")
    reference: Literal["generated", "true_neutral"] = Field(
        "generated",
        description="the reference in training and evaluation: the generator's, or another real neutral picture of the "
        "subject (an upper bound)",
    )
    true_reference_prob: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the training samples that see a true reference in place of the generated one, so that "
        "the trained model can use a real one where a user has it",
    )
    generator_gradient: bool = Field(
        False, description="whether losses on the codes (classification, contrastive) reach the generator"
    )

    def available_outputs(self) -> frozenset[str]:
        found = {"query_code", "reference_code", "features", "difference", "logits"}
        if self.generator is not None:
            found.add("reference")
            if self.generator_gradient:  # otherwise a comparison of codes could not teach the generator
                found.add("target_code")
        if self.decoder is not None:
            found |= {"query_reconstruction", "reference_reconstruction"}
        return frozenset(found)

    def needs_true_reference(self) -> bool:
        return self.reference == "true_neutral"

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        if self.generator is None and self.reference == "generated":
            yield ConfigIssue((), "a generated reference needs a generator; name one, or set `reference: true_neutral`")
        if self.reference == "true_neutral" and not info.references:
            yield ConfigIssue(("reference",), "the data set has no references that could be given; use `generated`")
        if self.true_reference_prob and not info.references:
            yield ConfigIssue(
                ("true_reference_prob",), "the data set has no references that could be given; leave it at 0"
            )
        if self.true_reference_prob and self.reference == "true_neutral":
            yield ConfigIssue(
                ("true_reference_prob",), "every sample sees a true reference already, by `reference: true_neutral`"
            )


class CNNConfig(ModelConfig):
    """Parts of the baseline: the same encoder, and a classifier on the query's embedding alone."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"normalise": "normalize"}

    encoder: part_of("encoder") = Field(description="embeds the query")  # type: ignore[valid-type]
    classifier: part_of("classifier") = Field(description="recognises the expression")  # type: ignore[valid-type]
    normalize: Literal["l2", "none"] = Field("none", description="normalisation of the embedding")
