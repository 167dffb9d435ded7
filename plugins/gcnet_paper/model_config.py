"""Options of the two models: GCNet, and the CNN baseline that shares its encoder."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, ModelConfig, RecipeInfo, album_issues, comparison_issues, part_of


class GCNetConfig(ModelConfig):
    """Parts of GCNet and how they are joined."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"normalise": "normalize", "given_share": "true_reference_prob"}
    renamed_values: ClassVar[Mapping[str, Mapping[str, str]]] = {"reference": {"given": "true_neutral"}}
    moved_keys: ClassVar[Mapping[str, tuple[str, str]]] = {"true_reference_prob": ("reference", "true_neutral_prob")}

    generator: part_of("generator", optional=True) = Field(  # type: ignore[valid-type]
        None, description="makes the neutral face of a picture; null where the reference needs none"
    )
    encoder: part_of("encoder") = Field(description="embeds query and reference")  # type: ignore[valid-type]
    delta: part_of("delta") = Field(description="form of the difference")  # type: ignore[valid-type]
    classifier: part_of("classifier") = Field(description="recognises the expression")  # type: ignore[valid-type]
    decoder: part_of("decoder", optional=True) = Field(  # type: ignore[valid-type]
        None, description="decodes the codes for the reconstruction losses; null: no reconstruction"
    )
    normalize: Literal["l2", "none"] = Field("l2", description="normalisation of the codes before their difference")
    reference: part_of("reference") = Field(  # type: ignore[valid-type]
        {"type": "generated"},
        validate_default=True,
        description="the pictures with which a query is compared: made by the generator, an album of the person, or "
        "another real neutral picture",
    )
    join: part_of("join") = Field(  # type: ignore[valid-type]
        {"type": "mean"}, validate_default=True, description="makes one reference of several pictures"
    )
    join_in: Literal["codes", "pixels"] = Field(
        "codes", description="what is joined: the embeddings of the pictures, or the pictures, whose embedding is taken"
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
        if self.join_in == "codes" and not self.join.config.needs_generator():  # a code tells no distance from rest
            found.add("candidate_codes")
        if self.decoder is not None:
            found |= {"query_reconstruction", "reference_reconstruction"}
        return frozenset(found)

    def needs_true_reference(self) -> bool:
        needs: bool = self.reference.config.needs_true_reference()
        return needs

    def uses_album(self) -> bool:
        uses: bool = self.reference.config.uses_album()
        return uses

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        return comparison_issues(
            info, reference=self.reference, join=self.join, generator=self.generator, instead="generated"
        )


class CNNConfig(ModelConfig):
    """Parts of the baseline: the same encoder, and a classifier on the query's embedding alone."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"normalise": "normalize"}

    encoder: part_of("encoder") = Field(description="embeds the query")  # type: ignore[valid-type]
    classifier: part_of("classifier") = Field(description="recognises the expression")  # type: ignore[valid-type]
    normalize: Literal["l2", "none"] = Field("none", description="normalisation of the embedding")


class AdaptedCNNConfig(CNNConfig):
    """The baseline whose batch norms are adapted at test to the person in the query."""

    weight: float = Field(
        1.0,
        ge=0,
        le=1,
        description="share of the person's own statistics, those of the query and its album, in every batch norm; the "
        "rest are those of training",
    )

    def uses_album(self) -> bool:
        return True

    def check(self, info: RecipeInfo) -> Iterable[ConfigIssue]:
        return album_issues(info)
