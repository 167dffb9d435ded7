"""Options of the drawn faces."""

from pydantic import Field, field_validator, model_validator

from gcnet_core.plugin_api import LARGEST_SEED, DatasetConfig, DatasetInfo
from gcnet_datasets.synthetic.expressions import EXPRESSIONS


class SyntheticFacesConfig(DatasetConfig):
    """Drawn people with seven expressions; each image has a neutral picture of the same person as its reference."""

    subjects: int = Field(60, ge=2, le=100_000, description="number of people")
    images_per_expression: int = Field(2, ge=1, le=1000, description="images of each person with each expression")
    sessions: int | None = Field(
        None,
        ge=1,
        le=1000,
        description="days on which each person is photographed, each with its own light, framing, camera, hair, "
        "glasses and clothes; null: no days are told apart, light and framing change from image to image",
    )
    expressions_per_session: int | None = Field(
        None,
        ge=1,
        le=len(EXPRESSIONS),
        description="expressions that a person shows in a session, drawn anew for each; null: all seven",
    )
    intensity: tuple[float, float] = Field(
        (0.6, 1.0), description="weakest and strongest expression, drawn evenly between; 0 is none, 1 is full-blown"
    )
    resting_variation: float = Field(
        1.0,
        ge=0,
        le=2,
        description="factor of the differences in resting mouth, brows and lids between people; 0: all rest alike",
    )
    shot_variation: float = Field(
        1.0, ge=0, le=2, description="factor of the differences in pose, framing and light between images"
    )
    seed: int = Field(
        0, ge=0, le=LARGEST_SEED, description="number that people and images are drawn from; not the recipe's seed"
    )

    @field_validator("intensity")
    @classmethod
    def _range(cls, intensity: tuple[float, float]) -> tuple[float, float]:
        low, high = intensity
        if not 0 <= low <= high <= 1.5:
            raise ValueError("needs 0 <= weakest <= strongest <= 1.5")
        return intensity

    @model_validator(mode="after")
    def _sessions(self) -> "SyntheticFacesConfig":
        if self.expressions_per_session is not None and self.sessions is None:
            raise ValueError("expressions_per_session needs a number of sessions")
        return self

    def info(self) -> DatasetInfo:
        return DatasetInfo(classes=EXPRESSIONS, references=True)
