"""Options of the references and of the joins."""

from typing import ClassVar

from pydantic import Field

from gcnet_core.plugin_api import JoinConfig, ReferenceConfig


class AvailableConfig(ReferenceConfig):
    """What a training sample is shown of what there is; at test all that the user gives is used."""

    album_prob: float = Field(
        0.0, ge=0, le=1, description="share of the training samples that see the album of their person, if any"
    )
    true_neutral_prob: float = Field(
        0.0,
        ge=0,
        le=1,
        description="share of the training samples that see a true neutral picture, where there is one, so that the "
        "trained model can use a real one where a user has it",
    )
    at_rest: bool = Field(
        False, description="take of each album picture the neutral face that the generator makes of it"
    )

    with_estimate: bool = Field(
        False,
        description="let the neutral face that is made of the query stand among the pictures of the album, so that one "
        "which shows nothing but the query's own expression does not cancel it",
    )

    def needs_generator(self) -> bool:
        return self.at_rest or self.with_estimate

    def uses_album(self) -> bool:
        return self.album_prob > 0


class GeneratedConfig(AvailableConfig):
    """The generator's picture of the query, for the training samples that are shown nothing else."""

    def needs_generator(self) -> bool:
        return True


class AlbumConfig(AvailableConfig):
    """Pictures of the album; without any the generator's picture of the query, or the query itself."""

    album_prob: float = Field(
        1.0, gt=0, le=1, description="share of the training samples that see the album of their person, if any"
    )


class TrueNeutralConfig(ReferenceConfig):
    """Another real neutral picture of the subject, always: an upper bound."""

    album_prob: ClassVar[float] = 0.0
    true_neutral_prob: ClassVar[float] = 1.0
    at_rest: ClassVar[bool] = False
    with_estimate: ClassVar[bool] = False

    def needs_true_reference(self) -> bool:
        return True


class MeanConfig(JoinConfig):
    """The mean."""


class MedianConfig(JoinConfig):
    """The median."""


class AttentionConfig(JoinConfig):
    """A weighted mean, whose two sharpnesses are learned."""

    rest: bool = Field(True, description="weigh pictures that are near to their own generated neutral face more")
    likeness: bool = Field(
        True, description="weigh pictures by how like the query they are; whether more or less is learned"
    )

    def needs_generator(self) -> bool:
        return self.rest
