"""Options of the two models: GCNet, and the CNN baseline that shares its encoder."""

from collections.abc import Iterable, Mapping
from typing import ClassVar, Literal

from pydantic import Field

from gcnet_core.plugin_api import ConfigIssue, ModelConfig, RecipeInfo, part_of


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
        for name, part in (("reference", self.reference), ("join", self.join)):
            if self.generator is None and part.config.needs_generator():
                yield ConfigIssue(
                    (), f"the {name} `{part.type}` needs a generator; name one, or choose another `{name}`"
                )
        if self.needs_true_reference() and not info.references:
            yield ConfigIssue(("reference",), "the data set has no references that could be given; use `generated`")
        if getattr(self.reference.config, "true_neutral_prob", 0) and not info.references:
            yield ConfigIssue(
                ("reference", "true_neutral_prob"), "the data set has no references that could be given; leave it at 0"
            )
        if self.uses_album() and not info.album:
            yield ConfigIssue(
                ("reference",),
                "an album needs pictures; say where they come from, such as `album: {source: other_session}`",
            )


class CNNConfig(ModelConfig):
    """Parts of the baseline: the same encoder, and a classifier on the query's embedding alone."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"normalise": "normalize"}

    encoder: part_of("encoder") = Field(description="embeds the query")  # type: ignore[valid-type]
    classifier: part_of("classifier") = Field(description="recognises the expression")  # type: ignore[valid-type]
    normalize: Literal["l2", "none"] = Field("none", description="normalisation of the embedding")
