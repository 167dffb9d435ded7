"""Stages that begin some modules with the weights of others."""

import pytest
import torch
from torch import nn

from gcnet_core.plugin_api import UserError
from gcnet_core.training.copy_weights import check_copies, copy_weights
from gcnet_core.training.trainer import Trainer
from tests.core.test_trainer import ROWS, TABLE, equal, make_trainer, run
from tests.core.toy import LOSSES, ToyGenerator, ToyModel, toy_recipe


class WithCopy(ToyModel):
    """The toy model, and a copy of its generator's network that no stage trains."""

    def __init__(self) -> None:
        super().__init__()
        self.copied = ToyGenerator().scale


def twins(width: int = 3) -> nn.ModuleDict:
    """Two parts with a part each, the second of another width if asked for."""
    return nn.ModuleDict(
        {
            "generator": nn.ModuleDict({"down": nn.BatchNorm1d(3)}),
            "encoder": nn.ModuleDict({"down": nn.BatchNorm1d(width), "head": nn.Linear(3, 2)}),
        }
    )


def test_weights_and_statistics_are_copied_and_then_go_their_own_way() -> None:
    model = twins()
    down, copy = model["generator"]["down"], model["encoder"]["down"]  # type: ignore[index]
    nn.init.uniform_(down.weight)
    down.running_mean.fill_(7)
    check_copies(model, {"encoder.down": "generator.down"}, "encoder")
    copy_weights(model, {"encoder.down": "generator.down"})
    assert equal(copy.state_dict(), down.state_dict())
    nn.init.zeros_(copy.weight)
    assert down.weight.any()


@pytest.mark.parametrize(
    ("copies", "width", "message"),
    [
        ({"encoder.up": "generator.down"}, 3,
         "training.stages.second.copy_weights.encoder.up: this model has no module 'encoder.up'; it has encoder, enc"),
        ({"encoder.down": "generator"}, 3, "copy_weights.encoder.down: generator has other weights than encoder.down"),
        ({"encoder.down": "generator.down"}, 4, "give both the same options"),
        ({"encoder": ""}, 3, "no module ''"),
    ],
)  # fmt: skip
def test_what_cannot_be_copied_is_told(copies: dict[str, str], width: int, message: str) -> None:
    with pytest.raises(UserError, match=message):
        check_copies(twins(width), copies, "second")


def test_the_copy_is_made_when_its_stage_begins() -> None:
    """Of the weights that the stage before has learnt, whatever the target was before."""

    def stages(**joint: object) -> dict[str, object]:
        first = {"epochs": 2, "train": ["generator"], "losses": ["generative"]}
        return {
            "generator": first,
            "joint": {"epochs": 1, "train": ["classifier"], "losses": ["classification"], **joint},
        }

    with pytest.raises(UserError, match="training.stages.joint.copy_weights.classifier: generator has other weights"):
        make_trainer(toy_recipe(stages=stages(copy_weights={"classifier": "generator"})))
    recipe = toy_recipe(stages=stages(copy_weights={"generator.scale.2": "generator.scale.2"}))
    assert equal(run(make_trainer(recipe)), run(make_trainer(toy_recipe(stages=stages()))))
    trainer = Trainer(
        toy_recipe(stages=stages(copy_weights={"copied": "generator.scale"})), WithCopy(), LOSSES, TABLE, ROWS
    )
    trained = run(trainer)
    for name in ("0.weight", "1.running_mean", "2.bias"):
        assert torch.equal(trained[f"copied.{name}"], trained[f"generator.scale.{name}"])
