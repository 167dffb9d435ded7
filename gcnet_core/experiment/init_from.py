"""A model before training: weights by the seed, or of the parts of a finished run."""

from collections.abc import Mapping
from pathlib import Path

import torch

from gcnet_core.interfaces import BuildContext, Model
from gcnet_core.plugin_api import UserError
from gcnet_core.recipe import Recipe
from gcnet_core.runs import read_record
from gcnet_core.runs.description import ModelDescription
from gcnet_core.runs.files import WEIGHTS
from gcnet_core.runs.intact import is_there
from gcnet_core.training.model_memory import WithinMemory
from gcnet_core.training.seed import seed_torch
from gcnet_core.weights import check_finite_weights, model_beside, read_weights


def initial_model(recipe: Recipe, context: BuildContext, device: torch.device) -> Model:
    """The model of a recipe on its device, with the weights that the seed gives, or a finished run.

    Raises:
        UserError: if weights of a run are missing, or do not fit, or if the model is larger than memory.
    """
    seed_torch(recipe.seed, device)
    with WithinMemory():
        model: Model = context.build(recipe.model)
    model = model.to(device)
    init_from(model, recipe.training.init_from)
    return model


def init_from(model: Model, sources: Mapping[str, str]) -> None:
    """Load the weights of some parts.

    Args:
        model: whose parts are the direct children.
        sources: for the name of a part the folder of a finished run, or its model.safetensors; the part of the same
            name is taken.

    Raises:
        UserError: if there is no such file, it is damaged or foreign, or its part does not fit.
    """
    parts = dict(model.named_children())
    for name, source in sources.items():
        path = Path(source) / WEIGHTS if Path(source).is_dir() else Path(source)
        where = f"training.init_from.{name}"
        if name not in parts:
            raise UserError(f"{where}: this model has no such part; it has {', '.join(parts)}")
        try:
            found = _weights(path)
        except UserError as error:
            raise UserError(f"{where}: {error}") from error
        prefix = f"{name}."
        weights = {key.removeprefix(prefix): value for key, value in found.items() if key.startswith(prefix)}
        if not weights:
            raise UserError(f"{where}: {path} holds no weights of a part {name}")
        try:
            parts[name].load_state_dict(weights)
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:300]
            raise UserError(f"{where}: the part in {path} has other options than this one: {reason}") from error
        try:
            check_finite_weights(parts[name], path)
        except UserError as error:
            raise UserError(f"{where}: {error}") from error


def _weights(path: Path) -> Mapping[str, torch.Tensor]:
    """All that a file holds, which is what the model.json beside it says, if there is one."""
    if not is_there(path):
        raise UserError(f"no such file: {path}; give the folder of a finished run")
    beside = model_beside(path)
    return read_weights(path, read_record(beside, ModelDescription) if beside else None)
