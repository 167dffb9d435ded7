"""PreparationConfig: every number that decides how a face is cut out, saved with the data and the models."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from gcnet_core.plugin_api import Options, Registry, UserError, part_of
from gcnet_core.recipe.check import validated
from gcnet_core.recipe.merge import apply_overrides
from gcnet_core.recipe.problems import FLAG, Place, Problems
from gcnet_core.recipe.text import one_line
from gcnet_core.recipe.tree import mapping


class PreparationConfig(Options):
    """How faces are found, aligned and cut out: another crop costs ten points of accuracy."""

    detector: part_of("detector") = Field(description="finds the faces")  # type: ignore[valid-type]
    size: int = Field(128, ge=16, le=1024, description="height and width of a crop, pixels")
    eye_distance: float = Field(
        0.35, gt=0.05, lt=0.9, description="distance of the eyes, as a share of the crop's width without its margin"
    )
    eye_height: float = Field(
        0.36, gt=0, lt=1, description="height of the eyes below the upper edge, as a share of the crop without margin"
    )
    margin: float = Field(0.0, ge=0, le=2, description="space added on each of the four sides, as a share of the crop")
    several: Literal["largest", "all", "skip"] = Field(
        "largest", description="what to take of a picture with several faces: the largest, each of them, or none"
    )


def read_preparation(overrides: Sequence[str], registry: Registry) -> PreparationConfig:
    """The settings that a user gives as texts KEY=VALUE.

    Raises:
        RecipeError: with every mistake, each with the text that holds it.
    """
    problems = Problems()
    root = apply_overrides(mapping(Place(FLAG + "detector", 1, 1)), overrides, problems)
    config = validated(PreparationConfig, root, registry, problems).value
    problems.log_notes()
    problems.raise_any()
    assert config is not None
    return config


def saved_preparation(settings: Mapping[str, Any], registry: Registry, where: str) -> PreparationConfig:
    """The settings that were saved with data or a model.

    Args:
        settings: as `dump` made them.
        registry: where the detector is looked up.
        where: they were read, for the message.

    Raises:
        UserError: if the detector is not installed, or a setting is wrong.
    """
    names = PreparationConfig.model_fields
    problems = Problems()
    texts = [f"{name}={one_line(value)}" for name, value in settings.items() if name in names]
    root = apply_overrides(mapping(Place(where, 1, 1)), texts, problems)
    config = validated(PreparationConfig, root, registry, problems).value
    if config is None or problems.found:
        faults = "; ".join(problem.message for problem in problems.found)
        raise UserError(f"{where}: the faces cannot be cut out as these were: {faults}")
    return config


def dump(config: PreparationConfig, detector_version: str) -> dict[str, Any]:
    """The settings as they are saved, with what decides where the detector finds faces."""
    return {**config.model_dump(mode="json"), "detector_version": detector_version}
