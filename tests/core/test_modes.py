"""Going from phase to phase changes what differs, and leaves everything as a walk through all modules would."""

import numpy as np
import torch
from torch import nn

from gcnet_core.training.modes import Modes
from tests.core.test_trainer import make_trainer
from tests.core.toy import toy_recipe


def state(trainer: object) -> tuple[list[bool], list[bool]]:
    model: nn.Module = trainer.model  # type: ignore[attr-defined]
    return [module.training for module in model.modules()], [weight.requires_grad for weight in model.parameters()]


def test_every_order_of_phases_ends_as_if_each_were_entered_alone() -> None:
    trainer = make_trainer(toy_recipe())
    trainer.enter_stage(1)
    alone = {}
    for phase in trainer.phases:
        phase.enter()
        alone[phase.name] = state(trainer)
    assert alone["main"] != alone["critic"]
    modes, order = Modes(trainer.phases), np.random.default_rng(0).integers(0, 2, 40)
    for number, chosen in enumerate(order):
        if number % 10 == 9:  # a measurement, after which nothing is as it was
            trainer.model.eval().requires_grad_(False)
            modes.forget()
        phase = trainer.phases[chosen]
        modes.enter(phase)
        assert state(trainer) == alone[phase.name]


def test_modules_are_walked_through_once_for_each_phase_of_an_epoch() -> None:
    trainer, walks = make_trainer(toy_recipe(stages={"joint": {"epochs": 1}})), []
    for phase in trainer.phases:
        whole = type(phase).enter.__get__(phase)
        phase.enter = lambda name=phase.name, whole=whole: (walks.append(name), whole())  # type: ignore[method-assign,misc]
    modes = Modes(trainer.phases)
    for _ in range(10):
        for phase in trainer.phases:
            modes.enter(phase)
    assert walks == ["main", "critic"]


def test_a_stage_may_follow_another_in_the_middle_of_a_mode() -> None:
    trainer = make_trainer(toy_recipe())
    trainer.modes.enter(trainer.phases[0])
    trainer.enter_stage(1)
    trainer.modes.enter(trainer.phases[0])
    assert all(weight.requires_grad for weight in trainer.phases[0].parameters)
    assert isinstance(trainer.model.classifier[1], nn.BatchNorm1d)
    assert trainer.model.classifier[1].training
    assert torch.is_grad_enabled()
