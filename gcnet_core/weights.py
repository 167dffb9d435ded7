"""Files of weights: read only where they are what gcnet wrote; a foreign or broken one is told in a sentence."""

from pathlib import Path

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from gcnet_core.plugin_api import UserError
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import DESCRIPTION, WEIGHTS
from gcnet_core.runs.intact import check_intact, is_there

REMEDY = (
    "Copy it again from where it was whole, or train once more; "
    f"who changed it on purpose takes `weights_sha256` and `sha256` out of {DESCRIPTION}"
)
STARTS = {
    b"PK": "a zip, as torch.save writes and ONNX programs or archives are",
    b"\x80": "a pickle, which gcnet never reads",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file itself by `git lfs pull`",
    b"<": "a page of HTML or XML",
    b"{": "a text of JSON",
    b"\x89HDF": "a file of HDF5",
}
"""How files begin that people take for weights."""


def check_weights(path: Path, description: ModelDescription | None) -> None:
    """Tell that a file is none of safetensors, or is not what its model.json is about.

    Args:
        path: of the file, which exists.
        description: what model.json beside it says; None where there is none.

    Raises:
        UserError: naming the file, what was expected, and what was found.
    """
    if description is not None:
        check_intact(path, description.weights_sha256, DESCRIPTION, REMEDY)
    try:
        with safe_open(path, "pt") as file:
            file.keys()
    except (SafetensorError, OSError) as error:
        raise UserError(f"{path}: expected weights in a file of safetensors, found {_found(path, error)}") from error


def read_weights(path: Path, description: ModelDescription | None) -> dict[str, Tensor]:
    """The tensors of a file by name.

    Args:
        path: of the file, which exists.
        description: as of `check_weights`.

    Raises:
        UserError: if it is no such file.
    """
    check_weights(path, description)
    weights: dict[str, Tensor] = safetensors.torch.load_file(path)
    return weights


def load_weights(model: nn.Module, path: Path, description: ModelDescription, *, finite: bool = True) -> None:
    """Put the weights of a file into a model.

    Args:
        model: of the parts that model.json names.
        path: of the file, which exists.
        description: what model.json says.
        finite: whether to refuse weights that are no finite numbers.

    Raises:
        UserError: if the file is damaged, holds other weights, or none that anybody can answer by.
    """
    check_weights(path, description)
    try:
        safetensors.torch.load_model(model, str(path))
    except (RuntimeError, SafetensorError, KeyError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise UserError(f"{path}: the weights do not fit the parts named in {DESCRIPTION}: {reason}") from error
    if finite:
        check_finite_weights(model, path)


def check_finite_weights(model: nn.Module, path: Path) -> None:
    """Tell that a file gave a model weights by which nothing can be answered.

    Raises:
        UserError: naming the first of them.
    """
    strange = first_not_finite(model)
    if strange is not None:
        raise UserError(
            f"{path}: {strange} holds weights that are no finite numbers, so every answer would be meaningless; train "
            "once more with a lower learning rate, or take the weights of another run"
        )


def first_not_finite(model: nn.Module) -> str | None:
    """The name of the first weight that is no finite number, or statistic that is no number; None if there is none.

    A constant that a part keeps in a buffer may be infinite.
    """
    for name, weight in model.named_parameters():
        if not bool(torch.isfinite(weight).all()):
            return name
    return next((name for name, value in model.named_buffers() if bool(torch.isnan(value).any())), None)


def model_beside(path: Path) -> Path | None:
    """The model.json that is about a file of weights, if there is one."""
    description = path.with_name(DESCRIPTION)
    return description if path.name == WEIGHTS and is_there(description) else None


def _found(path: Path, error: Exception) -> str:
    """What a file is instead, as far as its first bytes tell."""
    try:
        with path.open("rb") as file:
            start = file.read(32)
    except OSError as unreadable:
        return f"one that cannot be read ({unreadable.strerror})"
    if not start:
        return "an empty file"
    known = next((what for begin, what in STARTS.items() if start.startswith(begin)), None)
    return known or f"a damaged or foreign one ({' '.join(str(error).split())[:200]})"
