"""The state of a trainer as plain tensors and numbers, and back: a resumed run equals an uninterrupted one."""

import dataclasses
from typing import Any

from gcnet_core.training.trainer import Position, Trainer


def trainer_state(trainer: Trainer) -> dict[str, Any]:
    """Everything that training so far has changed. Random generators are not in it: each step seeds them by its key."""
    return {
        "position": dataclasses.asdict(trainer.position),
        "model": trainer.model.state_dict(),
        "average": None if trainer.average is None else trainer.average.state_dict(),
        "best": trainer.best,
        "optimizers": {phase.name: phase.optimizer.state_dict() for phase in trainer.phases},
        "scaler": trainer.scaler.state_dict(),
    }


def restore_trainer(trainer: Trainer, state: dict[str, Any]) -> None:
    """Put a trainer where another one with the same recipe was.

    Args:
        trainer: newly made.
        state: from `trainer_state`.
    """
    trainer.position = Position(**state["position"])
    trainer.model.load_state_dict(state["model"])
    if trainer.average is not None:
        trainer.average.load_state_dict(state["average"])
    trainer.best = state["best"]
    trainer.scaler.load_state_dict(state["scaler"])
    trainer.enter_stage(trainer.position.stage)
    for phase in trainer.phases:
        phase.optimizer.load_state_dict(state["optimizers"][phase.name])
