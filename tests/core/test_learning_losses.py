"""What a loss learns: its weights and statistics train in the stages that count it, are stored, and resumed."""

import copy

import torch
from torch import Tensor, nn

from gcnet_core.interfaces import Batch, Loss, Output
from gcnet_core.plugin_api import LossConfig, Part
from gcnet_core.recipe import Recipe
from gcnet_core.training.trainer import Trainer
from tests.core.test_trainer import ROWS, TABLE, equal, run
from tests.core.toy import CONTEXT, LOSSES, ToyModel, toy_recipe


class CentersConfig(LossConfig):
    required_outputs = frozenset({"features"})


class Centers(Loss):
    """Pulls features to a learned center of their class (Wen et al., 2016); counts its calls in a buffer."""

    calls: Tensor

    def __init__(self) -> None:
        super().__init__(CentersConfig(), CONTEXT)
        self.centers = nn.Parameter(torch.zeros(2, 64))
        self.frozen = nn.Parameter(torch.ones(()), requires_grad=False)
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, output: Output, batch: Batch) -> Tensor:
        if self.training:
            self.calls += 1
        return self.frozen * (output.features - self.centers[batch.label]).square().mean()


def recipe_with_centers() -> Recipe:
    recipe = toy_recipe()
    losses = {**recipe.losses, "centers": Part("loss", "centers", CentersConfig(weight=0.5))}
    return recipe.model_copy(update={"losses": losses})


def make(recipe: Recipe) -> Trainer:
    torch.manual_seed(0)
    return Trainer(recipe, ToyModel(), {**LOSSES, "centers": Centers()}, TABLE, ROWS)


def test_weights_of_a_loss_train_in_the_stages_that_count_it_and_rest_in_the_others() -> None:
    trainer = make(recipe_with_centers())
    centers = trainer.losses["centers"]
    states = []
    run(trainer, lambda line: states.append(copy.deepcopy(centers.state_dict())))
    steps = len(trainer.batches)
    assert [float(state["calls"]) for state in states] == [0, 0, steps, 2 * steps]
    assert not states[1]["centers"].any()  # the stage `generator` does not count it
    assert states[2]["centers"].any()
    assert not torch.equal(states[2]["centers"], states[3]["centers"])
    assert torch.equal(states[3]["frozen"], torch.ones(()))


def test_the_state_of_a_loss_is_stored_and_a_resumed_training_ends_the_same() -> None:
    recipe = recipe_with_centers()
    trainer = make(recipe)
    states = []
    weights = run(trainer, lambda line: states.append(copy.deepcopy(trainer.state_dict())))
    assert set(states[2]["losses"]["centers"]) == {"centers", "frozen", "calls"}
    resumed = make(recipe)
    resumed.load_state_dict(states[2])
    assert equal(run(resumed), weights)
    ends = [made.losses["centers"].state_dict() for made in (trainer, resumed)]
    assert all(torch.equal(value, ends[1][name]) for name, value in ends[0].items())


def test_weights_of_a_loss_do_not_move_in_the_phases_of_parts() -> None:
    trainer = make(recipe_with_centers())
    trainer.enter_stage(1)
    critic = trainer.phases[1]
    critic.enter()
    centers = trainer.losses["centers"]
    assert not any(weight.requires_grad for weight in centers.parameters())
    assert not centers.training
    assert not {*centers.parameters()} & {*critic.parameters}


def test_a_state_of_the_last_version_has_no_losses_and_is_taken() -> None:
    trainer = make(recipe_with_centers())
    state = trainer.state_dict()
    del state["losses"]
    make(recipe_with_centers()).load_state_dict(state)
