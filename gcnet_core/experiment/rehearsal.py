"""Rehearsal: every phase of every stage computes its losses once, on copies, before anything is written or trained.

A part that returns something else than it promises is told now and by name, not hours later by the part behind it.
"""

from collections.abc import Mapping
from copy import deepcopy

import torch

from gcnet_core.inference.predict import check_answer
from gcnet_core.interfaces import Batch, Loss, Model
from gcnet_core.interfaces.boundaries import check_terms, checked_boundaries
from gcnet_core.plugin_api import PluginError
from gcnet_core.recipe import Recipe
from gcnet_core.training.objective import Objective
from gcnet_core.training.optimizer_step import autocast
from gcnet_core.training.phases import stage_phases

SAMPLES = 4
"""Enough for a batch norm, few enough to cost nothing."""


def rehearse(recipe: Recipe, model: Model, losses: Mapping[str, Loss], batch: Batch) -> None:
    """Compute everything once that training and evaluation will compute.

    Args:
        recipe: its stages.
        model: the network, which is left as it is.
        losses: by their names in the recipe, which are left as they are.
        batch: a few training samples, on the device of the model.

    Raises:
        PluginError: naming the part that returned something wrong, and what was expected.
    """
    device = batch.query.device
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        model, losses = _copied(model, losses)
        for name, stage in recipe.training.stages.items():
            objective = Objective(model, losses, recipe.losses, stage.losses)
            trainable = {weight for part in (model, *losses.values()) for weight in part.parameters()}
            counted = list(objective.losses.values())
            for phase in stage_phases(model, counted, stage, objective, recipe.training.optimizer, trainable):
                phase.enter()
                with (
                    checked_boundaries((model, *counted), batch),
                    autocast(recipe.training.precision, device),
                ):
                    check_terms(model, f"phase {phase.name} of stage {name}", phase.loss(batch))
        if recipe.model.config.trains_by_gradient():
            check_answer(model.eval(), batch)


def _copied(model: Model, losses: Mapping[str, Loss]) -> tuple[Model, dict[str, Loss]]:
    try:
        return deepcopy((model, dict(losses)))
    except Exception as error:
        reason = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise PluginError(
            f"{model.origin or type(model).__name__}: a part of it cannot be copied ({reason})"
        ) from error
