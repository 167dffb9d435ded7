"""Record of an exported model: what the numbers that go into its graph, and come out of it, mean."""

from typing import Any, Literal

from pydantic import Field

from gcnet_core.plugin_api import ImageConfig
from gcnet_core.runs.record import Record

KEY = "gcnet"
"""Name of the record in the metadata of a file."""
FACES, CODES, KNOWN = "faces", "codes", "known"
"""Names of what goes in."""
PROBABILITIES, DISTANCE, REFERENCE = "probabilities", "distance", "reference"
QUERY_CODE, REFERENCE_CODE = "query_code", "reference_code"
"""Names of what comes out."""


class GraphDescription(Record):
    """What stands in the metadata of a file of `gcnet export`, as JSON.

    Args:
        name: of the model.
        classes: expression names in the order of the probabilities.
        image: size and channels of a prepared face.
        faces: what the input of that name is.
        preparation: how faces were found and cut out, as model.json has it, like the next ones.
        framing: where the eyes lie in the training pictures.
        flip: whether the graph answers for the mirror image too and takes the mean.
        temperature: by which the graph divides logits.
        calibration: what that changed.
        licence: of the weights.
        recipe: name of the recipe that trained the model.
        recipe_hash: of that recipe.
        model: the part with its options.
        gcnet: version that wrote the file.
        opset: of ONNX; None in a file of torch.
        compares: whether it compares a face with a reference.
        takes_references: whether there are the inputs `codes` and `known`.
        needs_reference: whether each face must have a code.
        has_generator: whether there is the output `reference`.
        embedding: length of a code; None without.
        calm_code: output that is the code of a picture of the face at rest; None where none is.
        album_code: output that is the code of a picture of any expression.
        identity: of the model, by which a file of `gcnet calibrate` knows it.
        precision: of weights and activations.
        difference: largest difference to torch that was seen when the file was written, by output.
        quantized: what int8 changed, by name.
        sealed: whether the file ends with a checksum; those of gcnet 0.5 and older have none.
    """

    name: str
    classes: tuple[str, ...]
    image: ImageConfig
    faces: str = "uint8, 0 to 255, [face, channel, height, width], RGB"
    preparation: dict[str, Any] | None = None
    framing: dict[str, float] | None = None
    flip: bool = False
    temperature: float = 1.0
    calibration: dict[str, float] = Field(default_factory=dict)
    licence: str | None = None
    recipe: str | None = None
    recipe_hash: str | None = None
    model: dict[str, Any] = Field(default_factory=dict)
    gcnet: str
    opset: int | None = None
    compares: bool = False
    takes_references: bool = False
    needs_reference: bool = False
    has_generator: bool = False
    embedding: int | None = None
    calm_code: str | None = None
    album_code: str | None = None
    identity: str
    precision: Literal["float32", "int8"] = "float32"
    difference: dict[str, float] = Field(default_factory=dict)
    quantized: dict[str, float] = Field(default_factory=dict)
    sealed: bool = False
