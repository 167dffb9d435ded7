"""A trained model as two files that can be shared: safetensors, and JSON that says what the numbers mean."""

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from gcnet_core.files import beside
from gcnet_core.interfaces import BuildContext, Model
from gcnet_core.plugin_api import ImageConfig, Part, Registry, RunFailed, UserError, preparation_of_today
from gcnet_core.runs import read_record, write_record
from gcnet_core.runs.description import ImageDescription, ModelDescription
from gcnet_core.runs.files import DESCRIPTION, WEIGHTS
from gcnet_core.runs.intact import digest_of, is_there
from gcnet_core.version import __version__
from gcnet_core.weights import first_not_finite, load_weights


@dataclass(frozen=True)
class SavedModel:
    """A model that was read back, ready to use.

    Args:
        model: in evaluation mode.
        part: the choice of the recipe from which it was built.
        classes: expression names in the order of the logits.
        image: how images must be prepared.
        description: everything that model.json says.
    """

    model: Model
    part: Part
    classes: tuple[str, ...]
    image: ImageConfig
    description: ModelDescription


def save_model(
    folder: Path, model: Model, part: Part, context: BuildContext, source: dict[str, Any] | None = None
) -> None:
    """Write model.safetensors and model.json into a folder.

    Args:
        folder: which exists.
        model: with the weights to keep.
        part: the choice of the recipe from which the model was built.
        context: with which it was built.
        source: more entries for model.json, on where the model is from.

    Raises:
        RunFailed: if its weights are no finite numbers.
    """
    strange = first_not_finite(model)
    if strange is not None:
        raise RunFailed(f"training ended with weights of {strange} that are no finite numbers; lower the learning rate")
    weights = folder / WEIGHTS
    (folder / DESCRIPTION).unlink(missing_ok=True)  # a kill must not leave it beside other weights
    with beside(weights) as written:
        safetensors.torch.save_model(model, str(written))  # unlike save_file it accepts tied weights
    description = ModelDescription(
        classes=context.classes,
        image=ImageDescription(**context.image.model_dump(), range=(0.0, 1.0)),
        class_counts=context.class_counts,
        model=part.dump(),
        versions=versions(),
        weights_sha256=digest_of(weights),
        **(source or {}),
    )
    write_record(folder / DESCRIPTION, description)


def load_model(
    folder: Path, registry: Registry, device: torch.device | None = None, *, finite: bool = True
) -> SavedModel:
    """Read a model back; no training data, and no pre-trained weights file, is needed.

    Args:
        folder: of a run.
        registry: where the model's parts are found.
        device: where to put it; default: the CPU.
        finite: whether to refuse weights that are no finite numbers, by which nothing can be answered.

    Raises:
        UserError: if files are missing or damaged, a part is not installed, or the weights do not fit.
    """
    check_model_files(folder)
    path = folder / DESCRIPTION
    description = read_record(path, ModelDescription)
    if description.preparation:
        preparation = preparation_of_today(description.preparation)
        description = description.model_copy(update={"preparation": preparation})
    image = ImageConfig(**description.image.model_dump(include=set(ImageConfig.model_fields)))
    classes = description.classes
    context = BuildContext(registry, image, classes, description.class_counts, initial_weights=False)
    options = dict(description.model)
    part = registry.part("model", options.pop("type", ""), options, where=str(path))
    model: Model = context.build(part)
    load_weights(model, folder / WEIGHTS, description, finite=finite)
    model.to(device or torch.device("cpu"))
    return SavedModel(model.eval().requires_grad_(False), part, classes, image, description)


def check_model_files(folder: Path) -> None:
    """Tell that there is no model to be read.

    Raises:
        UserError: if one of its files is missing.
    """
    if not is_there(folder / DESCRIPTION) or not is_there(folder / WEIGHTS):
        raise UserError(
            f"{folder}: no trained model here; expected {WEIGHTS} and {DESCRIPTION}, which `gcnet run` writes"
        )


def versions() -> dict[str, str]:
    """Versions of what a result depends on."""
    found = {"gcnet": __version__, "python": platform.python_version()}
    for name in ("torch", "torchvision", "timm", "numpy", "opencv-python-headless", "safetensors"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # an optional package
            continue
    return found
