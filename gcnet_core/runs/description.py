"""Record of a trained model: model.json, which says what the numbers in the weights mean."""

from typing import Any, Literal

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
        framing: where the eyes lie in the training pictures, as settings of a preparation, where these were not cut out
            by gcnet: photographs are framed alike, by any detector.
        flip: whether the answer is the mean of those for the picture and for its mirror image.
        temperature: by which logits are divided, so that a probability is the share of right answers; fitted on the
            validation part.
        calibration: what that changed there and on the test part, by name.
        licence: of the weights.
        precision: in which the kernels and matrices are stored; answers are computed in float32.
        weights_sha256: of model.safetensors; None in models of gcnet 0.5 and older.
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
    framing: dict[str, float] | None = None
    flip: bool = False
    temperature: float = Field(1.0, gt=0)
    calibration: dict[str, float] = Field(default_factory=dict)
    licence: str | None = None
    precision: Literal["float32", "float16"] = "float32"
    weights_sha256: str | None = None
