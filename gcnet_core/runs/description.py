"""Record of a trained model: model.json, which says what the numbers in the weights mean."""

from typing import Any

from pydantic import Field

from gcnet_core.plugin_api import ImageConfig
from gcnet_core.runs.record import Record


class ImageDescription(Record, ImageConfig):
    """How an image is prepared for the model, and the range of its values."""

    range: tuple[float, float] = (0.0, 1.0)


class ModelDescription(Record):
    """model.json.

    Args:
        classes: expression names in the order of the logits.
        image: how images are prepared.
        class_counts: number of training samples of each class.
        model: the part with its options, as a recipe has it.
        versions: of what the model depends on.
        parts: distribution and version of each part of the recipe that trained it, by `kind/name`.
        recipe: name of the recipe that trained it.
        recipe_hash: of that recipe.
        preparation: how faces were found and cut out, as `gcnet data prepare` saved it; None where nobody knows.
    """

    classes: tuple[str, ...]
    image: ImageDescription
    class_counts: tuple[int, ...]
    model: dict[str, Any]
    versions: dict[str, str]
    parts: dict[str, str] = Field(default_factory=dict)
    recipe: str | None = None
    recipe_hash: str | None = None
    preparation: dict[str, Any] | None = None
